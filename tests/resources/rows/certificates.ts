import { caCertificate } from '../../../tasks/system/ca-certificate.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

/** Certificates that were made for this, and whose keys nobody has. */
const pem = `-----BEGIN CERTIFICATE-----
MIIBSDCB+6ADAgECAhQ14OkO+yfIOld0+yT6E+4/8MRQFzAFBgMrZXAwGTEXMBUG
A1UEAwwOdHNwbGF5IHRlc3QgQ0EwIBcNMjYxMTI2MDYwNDI4WhgPMjEyNjExMDIw
NjA0MjhaMBkxFzAVBgNVBAMMDnRzcGxheSB0ZXN0IENBMCowBQYDK2VwAyEApALR
xJmZMi5nJ+xx5IW3hwf6spJMohBAKvR5qVHwwxejUzBRMB0GA1UdDgQWBBRzGQJA
5ACZLrnfx1A6q1Px625D3jAfBgNVHSMEGDAWgBRzGQJA5ACZLrnfx1A6q1Px625D
3jAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBAMsBLeTQ31IMH9nmiPrDC2KwKsGk
P4+akmQt6ycji1mp2K+oT4I8d0pLBb+37DL4wSmMUTU32NzbuRzEmKvymgM=
-----END CERTIFICATE-----
`
const other = `-----BEGIN CERTIFICATE-----
MIIBSjCB/aADAgECAhQ6zQJ15Do4K/3tEDVkE4rTDNGtqDAFBgMrZXAwGjEYMBYG
A1UEAwwPYW5vdGhlciB0ZXN0IENBMCAXDTI2MTEyNjA2MDQyOFoYDzIxMjYxMTAy
MDYwNDI4WjAaMRgwFgYDVQQDDA9hbm90aGVyIHRlc3QgQ0EwKjAFBgMrZXADIQBE
9Gety2L9f1vwB3M5jBxsa70qUynQW7NNbz6R/62Pt6NTMFEwHQYDVR0OBBYEFKPK
AobTaERi9RUNe9cRhMfG5r64MB8GA1UdIwQYMBaAFKPKAobTaERi9RUNe9cRhMfG
5r64MA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAylvyZtXxvKC0MM7FuA3qXT4y
3Nx14XuzDESISM45/YfDDbxl4CcmGww+9Yv8ISX+a7HWNUb8py+Czm44wfwHCA==
-----END CERTIFICATE-----
`
const file = '/usr/local/share/ca-certificates/t.crt'
const fromHand = (content: string) => `printf '%b' '${content.replaceAll('\n', '\\n')}' >${file}`
const refresh = 'update-ca-certificates --fresh >/dev/null 2>&1'
/** With all of Debian's a hundred and forty, each refresh would take seconds. */
const few = `if command -v update-ca-certificates >/dev/null;then sed -i /^#/d /etc/ca-certificates.conf; sed -i '3,$d' /etc/ca-certificates.conf; ${refresh};fi`

export const caCertificateRow: Row = {
  resource: 'caCertificate',
  cases: [
    {
      name: 'one of our own',
      prepare: few,
      make: () => caCertificate({ name: 't', content: pem }),
      drifts: [
        {
          by: `${fromHand(other)}; ${refresh}`,
          sees: [
            { field: 'content', before: other, after: pem, text: true },
            { field: 'trusted', before: false, after: true },
          ],
        },
        {
          by: `mv ${file} /srv/t.crt; ${refresh}; mv /srv/t.crt ${file}`,
          sees: [{ field: 'trusted', before: false, after: true }],
        },
      ],
      undo: () => caCertificate({ name: 't', state: 'absent' }),
      leaves: /^\/(?:usr\/local\/share\/ca-certificates|etc\/ssl\/certs|etc\/ssl\/certs\/[0-9a-f]{8}\.\d|tmp)$/,
      reset: `rm -f ${file}; if command -v update-ca-certificates >/dev/null;then ${refresh};fi`,
      hostile: {
        name: { make: (name) => caCertificate({ name, content: pem }), values: hostileTexts },
        content: { make: (content) => caCertificate({ name: 't', content }), values: [...hostileTexts, pem + other] },
      },
      refusedOn: { busybox: /nothing on this host makes certificates trusted/ },
    },
  ],
}
