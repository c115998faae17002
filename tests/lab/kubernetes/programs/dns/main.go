// Stands in for CoreDNS, whose source Debian's package of Kubernetes does not have: the same ports and health endpoints.
// It answers each question with SERVFAIL.
package main

import (
	"log"
	"net"
	"net/http"
)

func main() {
	healthy := http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) { answer.Write([]byte("OK")) })
	for _, port := range []string{":8080", ":8181", ":9153"} {
		go func(port string) { log.Fatal(http.ListenAndServe(port, healthy)) }(port)
	}
	questions, err := net.ListenPacket("udp", ":53")
	if err != nil {
		log.Fatal(err)
	}
	message := make([]byte, 4096)
	for {
		length, from, err := questions.ReadFrom(message)
		if err != nil || length < 12 {
			continue
		}
		// The header's flags: this is a response, and its code is 2 (RFC 1035, 4.1.1).
		message[2] |= 0x80
		message[3] = message[3]&0xf0 | 2
		questions.WriteTo(message[:length], from)
	}
}
