// Answers "Hello from Go!" with the standard Go toolchain and without generated bindings: the
// imports below are the core functions that the canonical ABI makes of `wasi:http/types`. A handle
// is an int32; a result that does not fit a value comes back through a pointer, its first byte 0
// for ok.
package main

import (
	"fmt"
	"structs"
	"unsafe"
)

type handle = int32

type handleResult struct {
	_      structs.HostLayout
	failed uint8
	value  handle
}

//go:wasmimport wasi:http/types@0.2.12 [constructor]fields
func fieldsNew() handle

//go:wasmimport wasi:http/types@0.2.12 [method]fields.append
func fieldsAppend(self handle, name *byte, nameBytes uint32, value *byte, valueBytes uint32, result *[2]uint8)

//go:wasmimport wasi:http/types@0.2.12 [constructor]outgoing-response
func responseNew(fields handle) handle

//go:wasmimport wasi:http/types@0.2.12 [method]outgoing-response.body
func responseBody(self handle, result *handleResult)

// Of the error's payload, which is absent here, the ABI passes every value flat.
//
//go:wasmimport wasi:http/types@0.2.12 [static]response-outparam.set
func responseSet(out handle, failed int32, response handle, a int32, b int64, c, d, e, f int32)

//go:wasmimport wasi:http/types@0.2.12 [method]outgoing-body.write
func bodyWrite(self handle, result *handleResult)

//go:wasmimport wasi:http/types@0.2.12 [static]outgoing-body.finish
func bodyFinish(self handle, hasTrailers int32, trailers handle, result *[5]uint64)

//go:wasmimport wasi:io/streams@0.2.12 [method]output-stream.blocking-write-and-flush
func streamWrite(self handle, bytes *byte, length uint32, result *[3]int32)

//go:wasmimport wasi:io/streams@0.2.12 [resource-drop]output-stream
func streamDrop(self handle)

//go:wasmexport wasi:http/incoming-handler@0.2.12#handle
func handleRequest(request, out handle) {
	var (
		appended     [2]uint8
		body, stream handleResult
		written      [3]int32
		finished     [5]uint64
	)
	name, value := "content-type", "text/plain"
	text := fmt.Sprintf("Hello from %s!\n", "Go")

	fields := fieldsNew()
	fieldsAppend(fields, unsafe.StringData(name), uint32(len(name)), unsafe.StringData(value), uint32(len(value)), &appended)
	response := responseNew(fields)
	responseBody(response, &body)
	responseSet(out, 0, response, 0, 0, 0, 0, 0, 0)
	bodyWrite(body.value, &stream)
	streamWrite(stream.value, unsafe.StringData(text), uint32(len(text)), &written)
	streamDrop(stream.value)
	bodyFinish(body.value, 0, 0, &finished)
}

// A reactor has no main to run; the toolchain asks for one.
func main() {}
