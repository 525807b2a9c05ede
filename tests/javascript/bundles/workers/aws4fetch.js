import { AwsClient, AwsV4Signer } from 'aws4fetch';

// The keys and requests of Amazon's own examples for Signature Version 4.
const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const place = { ...keys, datetime: '20130524T000000Z', service: 's3', region: 'us-east-1' };
    if (pathname === '/header') {
      const signer = new AwsV4Signer({
        ...place,
        url: 'https://examplebucket.s3.amazonaws.com/test.txt',
        headers: { Range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY_SHA256 },
        allHeaders: true,
      });
      return new Response((await signer.sign()).headers.get('authorization'));
    }
    if (pathname === '/query') {
      const url = 'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Expires=86400';
      return new Response((await new AwsV4Signer({ ...place, url, signQuery: true }).sign()).url.href);
    }
    const client = new AwsClient({ ...keys, service: 's3', region: 'us-east-1' });
    const signed = await client.sign('https://bucket.s3.amazonaws.com/key', { method: 'PUT', body: 'content' });
    return Response.json([signed.method, signed.headers.get('x-amz-content-sha256'), signed.headers.get('authorization').split(',')[1].trim()]);
  },
};
