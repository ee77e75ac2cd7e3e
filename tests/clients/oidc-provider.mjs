// An issuer on a free loopback port.  It is told its clients on the command line, and prints its URL; from each line of
// its input on, which it answers with one, it signs with new keys.  It ends when its input does.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

console.info = console.warn; // its notices are no lines for whoever started this
const { clients } = JSON.parse(process.argv[2]);
const SIZES = { RS256: ['rsa', { modulusLength: 2048 }], ES384: ['ec', { namedCurve: 'P-384' }] };

const keys = () => Object.entries(SIZES).map(([alg, [type, options]]) => (
  { ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig' }
));

// What a client's tokens are like, and whose they are, its registration says: facade_format, facade_alg, facade_patient.
const resourceServer = (_context, _resource, client) => ({
  scope: 'patient/*.rs patient/Invoice.rs system/*.rs',
  accessTokenFormat: client.facade_format,
  ...(client.facade_alg && { jwt: { sign: { alg: client.facade_alg } } }),
});

const provider = (url) => new Provider(url, {
  clients,
  jwks: { keys: keys() },
  clientDefaults: { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
  enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'] },
  extraClientMetadata: { properties: ['facade_format', 'facade_alg', 'facade_patient'] },
  extraTokenClaims: (ctx) => ({ patient: ctx.oidc.client.facade_patient }),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer },
  },
}).callback();

const server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
let answer = provider(url);
process.stdin.on('data', () => {
  answer = provider(url);
  console.log('"new keys"');
}).on('end', () => process.exit());
console.log(JSON.stringify(url));
