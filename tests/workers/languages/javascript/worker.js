// Answers "Hello from JavaScript!" through the fetch event of StarlingMonkey, the engine that
// componentize-js puts into the component.

addEventListener("fetch", (event) => {
  event.respondWith(
    new Response("Hello from JavaScript!\n", {
      headers: { "content-type": "text/plain" },
    }),
  );
});
