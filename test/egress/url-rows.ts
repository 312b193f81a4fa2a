/** What becomes of a URL: `U` denied by its form, `A` by the class of its address, `OK` public literal, `R` to be resolved. */
export type Verdict = "U" | "A" | "OK" | "R";

const literals = (verdict: Verdict, hosts: string): [string, Verdict][] =>
  hosts.split(" ").map((host) => [`http://${host}/`, verdict]);

/** URLs that attackers try, and their neighbours that must work. */
export const URL_ROWS: readonly [string, Verdict][] = [
  // Loopback and odd ways to write IPv4.
  ...literals("A", "127.0.0.1 127.0.0.2 127.255.255.254 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0x7F.1"),
  ...literals("A", "0177.0.0.1 017700000001 0 00.0.0.0 127.0.0.1. 3232235777 0300.0250.0.1 0xA9FEA9FE 169.254.43518"),
  ...literals("U", "localhost LOCALHOST localhost. foo.localhost localhost.localdomain"),
  ...literals("U", "4294967296 256.256.256.256 425.510.425.510 1.2.3.4.5"),

  // Encoded hosts.
  ...literals("A", "127%2e0%2e0%2e1 %31%32%37.0.0.1 127。0。0。1 ①②⑦.⓪.⓪.①"),
  ...literals("U", "ⓛocalhost local\u00adhost xn--"),

  // Special ranges of IPv4, and their neighbours.
  ...literals(
    "A",
    "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.100.100.200 192.0.0.192 198.19.255.255",
  ),
  ...literals("A", "192.0.2.1 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 0.1.2.3"),
  ...literals("A", "192.88.99.1"),
  ...literals("OK", "9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 100.63.255.255 100.128.0.0 198.17.255.255"),
  ...literals("OK", "198.20.0.0 126.255.255.255 128.0.0.0 223.255.255.255 169.253.255.255"),

  // Cloud metadata.
  ...literals("A", "169.254.169.254 169.254.170.2 169.254.170.23 [fd00:ec2::254] [fd20:ce::254] 168.63.129.16"),
  ...literals("U", "metadata.google.internal metadata.google.internal. metadata instance-data"),
  ...literals("U", "kubernetes.default.svc kubernetes.default.svc.cluster.local"),

  // IPv6.
  ...literals(
    "A",
    "[::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:a9fe:a9fe] [::FFFF:10.0.0.1]",
  ),
  ...literals(
    "A",
    "[::127.0.0.1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::10.0.0.1]",
  ),
  ...literals("A", "[2002:7f00:1::] [2002:a9fe:a9fe::] [2001:0:4136:e378:8000:63bf:3fff:fdd2]"),
  ...literals("U", "[fe80::1%25eth0] [fe80::1%eth0]"),
  ...literals("A", "[fe80::1] [fc00::1] [fd12:3456:789a::1] [fec0::1] [ff02::1] [2001:db8::1] [3fff::1] [100::1]"),
  ...literals("A", "[100:0:0:1::1] [5f00::1] [2001:2::1] [2001:10::1] [2001:20::1] [4000::1]"),
  ...literals("U", "[::1.2.3.4.5] [::1 [v1.fe80::a]"),
  ...literals("OK", "[2606:4700:4700::1111] [2001:4860:4860::8888]"),

  // Credentials and confusion about where the host is.
  ...literals("U", "user:pass@hooks.acme.com user@hooks.acme.com @hooks.acme.com :@hooks.acme.com"),
  ...literals("U", "hooks.acme.com@127.0.0.1 127.0.0.1:80@hooks.acme.com a@b@127.0.0.1 hooks.acme.com%40127.0.0.1"),
  ["http://127.0.0.1\\@hooks.acme.com/", "U"],
  ["http://hooks.acme.com\\@127.0.0.1/", "U"],
  ["http://hooks.acme.com#@127.0.0.1/", "R"],

  // Schemes.
  ["ftp://hooks.acme.com/", "U"],
  ["file:///etc/passwd", "U"],
  ["gopher://127.0.0.1:6379/_x", "U"],
  ["javascript:alert(1)", "U"],
  ["data:text/plain,x", "U"],
  ["unix:/var/run/docker.sock", "U"],
  ["http+unix://%2Fvar%2Frun%2Fdocker.sock/x", "U"],
  ["ws://hooks.acme.com/", "U"],
  ["dict://127.0.0.1:11211/", "U"],
  ["//127.0.0.1/", "U"],
  ["hooks.acme.com/x", "U"],
  ["http:127.0.0.1", "U"],
  ["http:/127.0.0.1/", "U"],
  ["http:///127.0.0.1/", "U"],
  ["https://", "U"],
  ["", "U"],
  ["blob:https://hooks.acme.com/x", "U"],
  ["HTTPS://HOOKS.ACME.COM/x", "R"],

  // Ports.
  ...literals("U", "hooks.acme.com:0 hooks.acme.com:22 hooks.acme.com:25 hooks.acme.com:6379 hooks.acme.com:11211"),
  ...literals("U", "hooks.acme.com:27017 hooks.acme.com:7233 hooks.acme.com:9200 hooks.acme.com:2375"),
  ...literals("U", "hooks.acme.com:65536 hooks.acme.com:-1 hooks.acme.com:443x 8.8.8.8:22"),
  ...literals("U", "hooks.acme.com:3000 hooks.acme.com:49152 8.8.8.8:5432"),
  ...literals("R", "hooks.acme.com:80 hooks.acme.com:8080 hooks.acme.com:8443 hooks.acme.com:443"),
  ["https://hooks.acme.com:8443/", "R"],
  ["https://hooks.acme.com:/", "R"],
  ["https://hooks.acme.com:0443/", "R"],

  // Characters that parsers drop or repair.
  ["http://hooks.acme.com\t/", "U"],
  ["ht\ntp://hooks.acme.com/", "U"],
  ["http://12\t7.0.0.1/", "U"],
  [" http://hooks.acme.com/", "U"],
  ["http://hooks.acme.com/a b", "U"],
  ["http://hooks.acme.com/a\r\nx: y", "U"],
  ["http://hooks\0.acme.com/", "U"],
  ["http://hooks.acme.com/\u00a0", "U"],
  ["http://hooks.acme.com/%0d%0aX-Evil:1", "R"],
  [`http://hooks.acme.com/${"x".repeat(3_000)}`, "U"],
  [`http://hooks.acme.com/${"ü".repeat(1_500)}`, "U"],

  // The form of host names.
  ...literals("U", "a..b.com .hooks.acme.com -bad.com *.acme.com hooks.acme.com.. hooks printer.local nas.lan"),
  ...literals(
    "U",
    `${"a".repeat(64)}.com ${"a.".repeat(130)}com x.home.arpa 1.0.0.127.in-addr.arpa x.onion x.test x.example`,
  ),
  ...literals("R", "hooks.acme.com hooks.acme.com. my_service.acme.com bücher.example.com xn--bcher-kva.de гoogle.com"),
  ...literals("R", "127.0.0.1.nip.io 169.254.169.254.sslip.io localtest.me"),
];
