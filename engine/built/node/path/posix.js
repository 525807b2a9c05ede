export*from"node:path";import{default as default2}from"node:path";export{default2 as default};
