module trilobyte

go 1.26.0

require (
	github.com/icza/bitio v1.1.0
	github.com/klauspost/compress v1.20.3
	github.com/mewkiz/flac v1.0.14
	golang.org/x/sync v0.24.0
	golang.org/x/sys v0.49.0
	google.golang.org/protobuf v1.36.12
	pgregory.net/rapid v1.3.0
)

require (
	github.com/mewkiz/pkg v0.0.0-20250417130911-3f050ff8c56d // indirect
	github.com/mewpkg/term v0.0.0-20241026122259-37a80af23985 // indirect
)
