package archive

import (
	"archive/zip"
	"encoding/binary"
	"io/fs"
	"time"
)

// Sizes in bytes and numbers of ZIP (APPNOTE.TXT 4.3.7, 4.5.3).
const (
	localHeaderSize      = 30
	localHeaderSignature = 0x04034b50
	directorySignature   = 0x02014b50 // of an entry of the central directory

	zip64ID        = 0x0001
	localZip64Size = 20

	versionNeeded      = 20 // 2.0: folders and deflate
	versionNeededZip64 = 45
	flagUTF8           = 0x800

	uint32Max = 1<<32 - 1

	// firstDOSTime is 1980-01-01, the earliest date that ZIP can say.
	firstDOSTime = 315532800
	// lastDOSTime is the end of 2107.
	lastDOSTime = 4354819199
)

// needsZip64 says whether the local header of an entry has 64-bit sizes. That
// must be known before its compressed size is, which deflate or noise may make
// a little larger than the original one.
func needsZip64(size int64) bool { return size+size/64+1<<20 >= uint32Max }

// header returns the ZIP header of an entry.
func header(method uint16, f File) *zip.FileHeader {
	h := &zip.FileHeader{
		Name:               f.Name,
		Method:             method,
		Flags:              0,
		ReaderVersion:      versionNeeded,
		CRC32:              f.CRC32,
		CompressedSize64:   uint64(f.Compressed),
		UncompressedSize64: uint64(f.Size),
	}
	if needsZip64(f.Size) {
		h.ReaderVersion = versionNeededZip64
	}
	for i := range len(f.Name) {
		if f.Name[i] >= 0x80 {
			h.Flags = flagUTF8
		}
	}
	mode := f.Mode.Perm()
	switch f.Kind {
	case KindFolder:
		h.Name += "/"
		mode |= fs.ModeDir
	case KindLink:
		mode |= fs.ModeSymlink
	}
	h.SetMode(mode)
	h.CreatorVersion |= versionNeeded
	//lint:ignore SA1019 CreateRaw takes them as they are and does not look at Modified.
	h.ModifiedDate, h.ModifiedTime = dosTime(f.Modified)
	return h
}

// dosTime returns the date and time of MS-DOS, in UTC so that they are the
// same on every machine. Its resolution is 2 s; the manifest has the rest.
func dosTime(modified int64) (date, clock uint16) {
	t := time.Unix(min(max(modified, firstDOSTime), lastDOSTime), 0).UTC()
	date = uint16(t.Day() | int(t.Month())<<5 | (t.Year()-1980)<<9)
	clock = uint16(t.Second()/2 | t.Minute()<<5 | t.Hour()<<11)
	return date, clock
}

// dosSeconds returns the seconds since 1970 that a date and time of MS-DOS, in
// UTC, stand for.
func dosSeconds(date, clock uint16) int64 {
	return time.Date(int(date>>9)+1980, time.Month(date>>5&15), int(date&31), int(clock>>11), int(clock>>5&63), int(clock&31)*2, 0, time.UTC).Unix()
}

// localZip64 returns the 64-bit sizes as local headers have them.
func localZip64(size, compressed int64) []byte {
	b := make([]byte, 0, localZip64Size)
	b = binary.LittleEndian.AppendUint16(b, zip64ID)
	b = binary.LittleEndian.AppendUint16(b, localZip64Size-4)
	b = binary.LittleEndian.AppendUint64(b, uint64(size))
	return binary.LittleEndian.AppendUint64(b, uint64(compressed))
}

// localHeader returns the local header that belongs to the header of the
// central directory.
func localHeader(h *zip.FileHeader) []byte {
	var extra []byte
	size, compressed := uint32(min(h.UncompressedSize64, uint32Max)), uint32(min(h.CompressedSize64, uint32Max))
	if needsZip64(int64(h.UncompressedSize64)) {
		size, compressed = uint32Max, uint32Max
		extra = localZip64(int64(h.UncompressedSize64), int64(h.CompressedSize64))
	}
	b := make([]byte, 0, localHeaderSize+len(h.Name)+len(extra))
	b = binary.LittleEndian.AppendUint32(b, localHeaderSignature)
	b = binary.LittleEndian.AppendUint16(b, h.ReaderVersion)
	b = binary.LittleEndian.AppendUint16(b, h.Flags)
	b = binary.LittleEndian.AppendUint16(b, h.Method)
	//lint:ignore SA1019 these are the fields of the header.
	b = binary.LittleEndian.AppendUint16(b, h.ModifiedTime)
	//lint:ignore SA1019 these are the fields of the header.
	b = binary.LittleEndian.AppendUint16(b, h.ModifiedDate)
	b = binary.LittleEndian.AppendUint32(b, h.CRC32)
	b = binary.LittleEndian.AppendUint32(b, compressed)
	b = binary.LittleEndian.AppendUint32(b, size)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(h.Name)))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(extra)))
	b = append(b, h.Name...)
	return append(b, extra...)
}
