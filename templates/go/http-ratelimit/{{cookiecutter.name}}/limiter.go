package main

import (
	"errors"
	"time"

	"example.com/{{ cookiecutter.name }}/internal/limits"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

const tries = 16

// secondsToWait counts a request of an address. It returns 0 if the request may pass, else the seconds
// until one may.
func secondsToWait(address string, settings limits.Settings) int64 {
	key := "{{ cookiecutter._root_id }}/" + address
	for range tries {
		found, cas, err := proxywasm.GetSharedData(key)
		if err != nil && !errors.Is(err, types.ErrorStatusNotFound) {
			warn("reading shared data", err)
			return 0
		}
		window, wait := settings.Count(limits.ParseWindow(found), time.Now())
		if wait > 0 {
			return wait
		}
		err = proxywasm.SetSharedData(key, []byte(window.String()), cas)
		if !errors.Is(err, types.ErrorStatusCasMismatch) {
			warn("setting shared data", err)
			return 0
		}
	}
	proxywasm.LogWarnf(
		"a request of %s passes uncounted: other workers were quicker %d times", address, tries,
	)
	return 0
}
