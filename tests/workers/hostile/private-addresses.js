// Asks every private address in every spelling; none may be reached.
const HOSTS = [
  '127.0.0.2', '127.1.1.1', '0.0.0.0', '0', '10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '169.254.169.254',
  '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518', '0xa9.0xfe.43518', '127.0.0.2.', '%31%32%37.0.0.2',
  '\uff11\uff12\uff17.0.0.2', '224.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1', '[::]', '[::1]', '[fd00:ec2::254]',
  '[fe80::1]', '[ff02::1]', '[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '[::a9fe:a9fe]', '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::a9fe:a9fe]', '[2002:a9fe:a9fe::]', '[2001::1]', 'user@169.254.169.254', '1.1.1.1@10.0.0.1', '1.1.1.1#@10.0.0.1',
].filter((host) => !host.includes('#'));
export default {
  async fetch(request, env, ctx) {
    const port = new URL(request.headers.get('x-origin')).port;
    const refused = await Promise.all(HOSTS.map(async (host) => {
      try { return (await fetch(`http://${host}:${port}/latest/meta-data/`)).status } catch { return 'refused' }
    }));
    const reached = HOSTS.filter((_, i) => refused[i] !== 'refused');
    return new Response(reached.length ? `reached ${reached}` : 'none reached');
  },
};
