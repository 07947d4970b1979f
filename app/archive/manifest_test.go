package archive

import (
	"fmt"
	"math/bits"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/app/disk"
)

// drawFile draws what there may be about a file.
func drawFile(t *rapid.T) File {
	hex := func(size int, name string) string {
		return fmt.Sprintf("%x", rapid.SliceOfN(rapid.ByteRange(1, 255), size, size).Draw(t, name))
	}
	f := File{
		Name: "x", Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
		Size: rapid.Int64Range(0, 1<<62).Draw(t, "size"), Compressed: rapid.Int64Range(0, 1<<62).Draw(t, "compressed"),
		CRC32: rapid.Uint32().Draw(t, "crc32"), Mode: modeOfUnix(rapid.Int64Range(0, 0o7777).Draw(t, "mode")),
		Modified: rapid.Int64().Draw(t, "modified"), Nanoseconds: rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"),
		Note:   rapid.StringMatching("[a-zé]{0,9}").Draw(t, "note"),
		Hidden: rapid.Bool().Draw(t, "hidden"),
	}
	for at := int64(0); rapid.Bool().Draw(t, "hole"); {
		h := disk.Extent{Offset: at + rapid.Int64Range(0, 1<<40).Draw(t, "gap"), Size: rapid.Int64Range(1, 1<<40).Draw(t, "size")}
		f.Holes, at = append(f.Holes, h), h.End()
	}
	for rapid.Bool().Draw(t, "attribute") {
		a := disk.Attribute{Name: rapid.StringMatching(`user\.[a-z]{1,9}`).Draw(t, "attribute's name"), Value: rapid.SliceOf(rapid.Byte()).Draw(t, "value")}
		f.Attributes = append(f.Attributes, a)
	}
	if f.Kind != KindFolder {
		f.SHA256 = hex(32, "sha256")
	}
	if f.Kind == KindRecording {
		fmt.Sscanf(f.SHA256, "%8x", &f.CRC32)
		f.CRC32 = bits.ReverseBytes32(f.CRC32)
	}
	switch f.Kind {
	case KindFile:
		f.CRC32C = rapid.Uint32().Draw(t, "crc32c")
	case KindLink:
		f.Target = "target"
	case KindRecording:
		f.Format, f.Samples = rapid.SampledFrom([]string{"wav", "aiff"}).Draw(t, "format"), "int"
		f.SampleRate, f.Bits = rapid.Uint32().Draw(t, "rate"), rapid.IntRange(1, 64).Draw(t, "bits")
		f.Channels = rapid.IntRange(1, 255).Draw(t, "channels")
		f.Frames, f.FLAC = rapid.Int64Range(0, 1<<62).Draw(t, "frames"), rapid.Int64Range(0, 1<<62).Draw(t, "flac")
		if f.Size >= smallRecording {
			f.PCMMD5 = hex(16, "md5")
		}
	}
	return f
}

// drawMissing draws what may be said of what is missing.
func drawMissing(t *rapid.T) Missing {
	return Missing{
		Name: rapid.String().Draw(t, "name"), Reason: rapid.String().Draw(t, "reason"), Folder: rapid.Bool().Draw(t, "folder"),
	}
}

// known returns what ZIP says of a file.
func known(f File) *File {
	return &File{
		Name: f.Name, Kind: f.Kind, Size: f.Size, Compressed: f.Compressed, CRC32: f.CRC32,
		Modified: dosSeconds(dosTime(f.Modified)),
	}
}

// TestManifestsComeBack writes and reads manifests of any files.
func TestManifestsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := rapid.SliceOfN(rapid.Custom(drawFile), 0, 20).Draw(t, "files")
		missing := rapid.SliceOfN(rapid.Custom(drawMissing), 0, 3).Draw(t, "missing")
		model := make([]byte, 32)
		b := slices.Concat(marshal(files, nil, missing, model, 77)...)
		// A later version may add fields.
		b = append(b, "\xa0\x06\x07\xaa\x06\x03new"...)
		m, err := parseManifest(b, int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		var got []*File
		for _, f := range files {
			got = append(got, known(f))
		}
		if err := m.complete(got); err != nil {
			t.Fatal(err)
		}
		for i, f := range files {
			if !reflect.DeepEqual(*got[i], f) {
				t.Fatalf("file %d became %+v, was %+v", i, *got[i], f)
			}
		}
		if !slices.Equal(m.model, model) || m.headers != 77 || !slices.Equal(m.missing, missing) {
			t.Fatalf("the manifest became %+v", m)
		}
		if err := m.complete(append(got, &File{})); err == nil {
			t.Fatal("it is taken for that of more files")
		}
	})
}
