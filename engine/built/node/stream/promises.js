import{promises}from"node:stream";var{finished,pipeline}=promises,promises_default=promises;export{promises_default as default,finished,pipeline};
