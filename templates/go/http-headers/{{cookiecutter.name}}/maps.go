package main

import "github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"

// requestHeaders and responseHeaders are the host's header maps, as package headers wants them.
type (
	requestHeaders  struct{}
	responseHeaders struct{}
)

func (requestHeaders) Remove(name string) error {
	return proxywasm.RemoveHttpRequestHeader(name)
}

func (requestHeaders) Replace(name, value string) error {
	return proxywasm.ReplaceHttpRequestHeader(name, value)
}

func (requestHeaders) Add(name, value string) error {
	return proxywasm.AddHttpRequestHeader(name, value)
}

func (responseHeaders) Remove(name string) error {
	return proxywasm.RemoveHttpResponseHeader(name)
}

func (responseHeaders) Replace(name, value string) error {
	return proxywasm.ReplaceHttpResponseHeader(name, value)
}

func (responseHeaders) Add(name, value string) error {
	return proxywasm.AddHttpResponseHeader(name, value)
}

// requestHeader returns the header's first value, for people; "-" where there is none.
func requestHeader(name string) string {
	return orDash(proxywasm.GetHttpRequestHeader(name))
}

func responseHeader(name string) string {
	return orDash(proxywasm.GetHttpResponseHeader(name))
}

func orDash(value string, err error) string {
	if err != nil {
		return "-"
	}
	return value
}
