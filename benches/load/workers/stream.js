// A stream of 100 chunks that the worker makes.
const chunk = new TextEncoder().encode("0123456789".repeat(10));
export default {
  fetch() {
    let left = 100;
    const body = new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(chunk);
        else controller.close();
      },
    });
    return new Response(body);
  },
};
