import { parseCookie, stringifySetCookie } from 'cookie';
import Mustache from 'mustache';
import { customAlphabet, nanoid } from 'nanoid';
import { compile, match } from 'path-to-regexp';
import { NIL, v4, v5, v7, validate, version } from 'uuid';

const routes = {
  '/uuid': () => ({
    named: v5('cirque', v5.URL),
    versions: [v4(), v7(), NIL].map(version),
    areValid: [v4(), 'no'].map((id) => validate(id)),
    isNew: v4() !== v4(),
  }),
  '/nanoid': () => ({ lengths: [nanoid().length, nanoid(8).length], isPlain: /^[\w-]{21}$/.test(nanoid()), digits: /^[0-9]{6}$/.test(customAlphabet('0123456789', 6)()) }),
  '/cookie': (request) => ({ parsed: parseCookie(request.headers.get('cookie') ?? ''), set: stringifySetCookie({ name: 'a', value: 'b c', path: '/', maxAge: 60, httpOnly: true, sameSite: 'lax' }) }),
  '/path': () => ({ matched: match('/shops/:shop/items{/:item}')('/shops/tea%20house/items/7').params, made: compile('/shops/:shop')({ shop: 'tea house' }) }),
  '/mustache': () => ({ text: Mustache.render('{{#items}}{{name}}: {{{raw}}}{{^last}}, {{/last}}{{/items}}', { items: [{ name: 'a&b', raw: '<i>' }, { name: 'c', raw: '-', last: true }] }) }),
};

export default {
  fetch: (request) => Response.json(routes[new URL(request.url).pathname](request)),
};
