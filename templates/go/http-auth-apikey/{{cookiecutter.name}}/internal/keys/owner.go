package keys

import "crypto/subtle"

// Owner returns the name of whose key it is; every key is compared, each in constant time, so that
// the time taken tells nothing.
func (settings Settings) Owner(key string) (name string, isKnown bool) {
	for _, client := range settings.clients {
		if subtle.ConstantTimeCompare([]byte(key), []byte(client.key)) == 1 {
			name, isKnown = client.Name, true
		}
	}
	return name, isKnown
}
