// Gives a request's body back.
export default {
  fetch(request) {
    return new Response(request.body);
  },
};
