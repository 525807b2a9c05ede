// What nearly every request makes is made once while the image is: the engine remembers which properties such objects have, and
// finds it there instead of working it out anew.

import { ExecutionContext } from "./context.js";
import { incomingRequest } from "./request.js";

const { Headers } = require("ext:deno_fetch/20_headers.js");
const { Request } = require("ext:deno_fetch/23_request.js");
const { getInnerResponse, Response } = require("ext:deno_fetch/23_response.js");
const { URL } = require("ext:deno_web/00_url.js");

export function practise() {
  const url = "https://a.example/b?c=d";
  const request = incomingRequest("GET", url, false);
  new ExecutionContext(undefined);
  new URL(request.url).searchParams.get("c");
  for (const _ of new Headers({ a: "b" })) break;
  const given = { status: 201, headers: { a: "b" } };
  const responses = [new Response("a"), new Response("a", given), new Response(null, given), new Response(new Uint8Array(1)), Response.json({}, given)];
  for (const response of responses) [response.headers, response.body, getInnerResponse(response).headerList];
  new Request(url, { method: "POST", headers: { a: "b" }, body: "a" }).headers.get("a");
}
