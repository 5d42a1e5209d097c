package main

import (
	"errors"
	"strings"

	"example.com/{{ cookiecutter.name }}/internal/rewrite"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// half is the body of a request or of a response, as the host lets it be read and changed.
type half struct {
	getHeader    func(name string) (string, error)
	removeHeader func(name string) error
	getBody      func(start, maxSize int) ([]byte, error)
	replaceBody  func(body []byte) error
}

// body is held back until it is whole, then changed.
type body struct {
	half
	replacements rewrite.Replacements
	rewritten    proxywasm.MetricCounter
	isOn         bool
	held         int
}

// begin looks at the headers, and takes the length away where a body follows that may change.
func (b *body) begin(endOfStream bool) {
	if endOfStream || len(b.replacements) == 0 {
		return
	}
	encoding, err := b.getHeader("content-encoding")
	if err == nil && !strings.EqualFold(encoding, "identity") {
		return
	}
	warn("removing content-length", b.removeHeader("content-length"))
	b.isOn = true
}

// take takes what there is of the body, size bytes in all.
func (b *body) take(size int, endOfStream bool) types.Action {
	if !b.isOn {
		return types.ActionContinue
	}
	b.held = size
	if !endOfStream {
		return types.ActionPause
	}
	b.finish()
	return types.ActionContinue
}

// finish changes the body, which is whole now: at its end, or at the trailers behind it.
func (b *body) finish() {
	if !b.isOn || b.held == 0 {
		return
	}
	b.isOn = false
	bytes, err := b.getBody(0, b.held)
	if err != nil && !errors.Is(err, types.ErrorStatusNotFound) {
		warn("reading a body", err)
	}
	if changed, isChanged := b.replacements.Apply(bytes); isChanged {
		warn("changing a body", b.replaceBody(changed))
		b.rewritten.Increment(1)
	}
}
