// There are no threads to send messages to.
module.exports = {
  markNotSerializable() {},
  MessagePortPrototype: {},
  MessagePort: class MessagePort {},
  MessageChannel: class MessageChannel {},
};
