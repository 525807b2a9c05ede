// There are no threads to send messages to; ports lead from one part of a worker to another (../messages.js).
module.exports = {
  // Objects of the platform are told apart by their brand (../clone.js).
  markNotSerializable() {},
  get MessagePortPrototype() {
    return require("../messages.js").MessagePort.prototype;
  },
  get MessagePort() {
    return require("../messages.js").MessagePort;
  },
  get MessageChannel() {
    return require("../messages.js").MessageChannel;
  },
};
