// Timers that fall due at once, each starting two more.
export default {
  async fetch(request, env, ctx) {
    const again = () => {
      setTimeout(again, 0);
      setTimeout(again, -1);
    };
    again();
    await new Promise(() => {});
  },
};
