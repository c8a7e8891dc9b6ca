// A certificate authority of the test's own, and certificates that it signs: the few structures of
// X.509 that a server needs, so that no tool has to be installed.
const { generateKeyPairSync, randomBytes, sign } = require('node:crypto');

/** One DER element: tag, length, content. */
function der(tag, ...contents) {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part)));
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts) => der(0x30, ...parts);
const oid = (...bytes) => der(0x06, bytes);
const bits = (content) => der(0x03, [0], content);
const octets = (content) => der(0x04, content);
const yes = der(0x01, [0xff]);

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const name = (text) => sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(text)))));
const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')));

/** An extension by the last byte of its number, in the arc that all of these are in. */
const extension = (number, value, critical) =>
  sequence(oid(0x55, 0x1d, number), ...(critical ? [yes] : []), octets(value));
const IS_AUTHORITY = extension(19, sequence(yes), true);
const IS_NO_AUTHORITY = extension(19, sequence(), true);

/** The name that a certificate is for: a host, or an IPv4 address. */
function subjectAltName(host) {
  const address = host.split('.').map(Number);
  const isAddress = address.length === 4 && address.every(Number.isInteger);
  return extension(17, sequence(isAddress ? der(0x87, address) : der(0x82, Buffer.from(host))), false);
}

function issue(subject, publicKey, issuer, issuerKey, extensions) {
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [0x01], randomBytes(8)),
    ECDSA_WITH_SHA256,
    name(issuer),
    validity,
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuerKey);
  const text = sequence(body, ECDSA_WITH_SHA256, bits(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${text.match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** An authority: `certificate` as PEM, and `server(host)` with what `node:https` wants of a server. */
function newAuthority() {
  const NAME = 'An authority for one test';
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    certificate: issue(NAME, own.publicKey, NAME, own.privateKey, [IS_AUTHORITY]),
    server(host = '127.0.0.1') {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const extensions = [IS_NO_AUTHORITY, subjectAltName(host)];
      return {
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
        cert: issue(host, publicKey, NAME, own.privateKey, extensions),
      };
    },
  };
}

module.exports = { newAuthority };
