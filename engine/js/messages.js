// MessageChannel: two ports within one worker. A message is cloned when it is sent, and arrives in a turn of its own.

import { cloneAndTransfer, TRANSFER, transferList } from "./clone.js";
import { setTimeout } from "./timers.js";

const { defineEventHandler, Event, EventTarget, MessageEvent, setIsTrusted } = require("ext:deno_web/02_event.js");
const { DOMException } = require("ext:deno_web/01_dom_exception.js");

/** What a port has to itself; it moves to another object when the port is transferred. */
class Side {
  other = null;
  port = null;
  queue = [];
  isStarted = false;
}

const MAKING = Symbol("making");

class MessagePort extends EventTarget {
  #side;

  constructor(making, side = null) {
    if (making !== MAKING) throw new TypeError("Illegal constructor");
    super();
    this.#adopt(side);
  }

  #adopt(side) {
    this.#side = side;
    if (side !== null) side.port = this;
  }

  postMessage(message, options = undefined) {
    if (arguments.length === 0) throw new TypeError("postMessage() needs a message");
    const list = transferList(options);
    if (list.includes(this)) throw new DOMException("A port cannot be transferred through itself", "DataCloneError");
    const ports = list.filter((item) => item instanceof MessagePort);
    // Together, so that a port in the message and in the list is one.
    const [data, moved] = cloneAndTransfer([message, ports], list);
    const other = this.#side?.other;
    if (!other) return;
    other.queue.push({ data, ports: moved });
    if (other.isStarted) deliverLater(other);
  }

  start() {
    const side = this.#side;
    if (side === null || side.isStarted) return;
    side.isStarted = true;
    side.queue.forEach(() => deliverLater(side));
  }

  close() {
    const other = this.#side?.other;
    this.#side = null;
    if (!other) return;
    other.other = null;
    setTimeout(() => dispatch(other, new Event("close")));
  }

  [TRANSFER]() {
    if (this.#side === null) throw new DOMException("A port that is closed cannot be transferred", "DataCloneError");
    const port = new MessagePort(MAKING);
    const move = () => {
      this.#side.isStarted = false;
      port.#adopt(this.#side);
      this.#side = null;
    };
    return [port, move];
  }

  get [Symbol.toStringTag]() {
    return "MessagePort";
  }
}

defineEventHandler(MessagePort.prototype, "message", (port) => port.start());
defineEventHandler(MessagePort.prototype, "messageerror");
defineEventHandler(MessagePort.prototype, "close");

function deliverLater(side) {
  setTimeout(() => {
    // The port may have been transferred since, and not be started where it is now.
    if (!side.isStarted || side.queue.length === 0) return;
    const { data, ports } = side.queue.shift();
    dispatch(side, new MessageEvent("message", { data, ports }));
  });
}

function dispatch(side, event) {
  setIsTrusted(event, true);
  side.port.dispatchEvent(event);
}

class MessageChannel {
  #ports;

  constructor() {
    const [one, other] = [new Side(), new Side()];
    one.other = other;
    other.other = one;
    this.#ports = [new MessagePort(MAKING, one), new MessagePort(MAKING, other)];
  }

  get port1() {
    return this.#ports[0];
  }

  get port2() {
    return this.#ports[1];
  }

  get [Symbol.toStringTag]() {
    return "MessageChannel";
  }
}

export { MessageChannel, MessagePort };
