// Package archive is the .trilobyte file: a ZIP archive (APPNOTE.TXT 6.3.10)
// that any ZIP program lists, in which recordings are compressed with a method
// of our own and everything else is deflated or stored.
//
// Create starts an archive under a temporary name; Begin and Commit add its
// entries, one after the other; Finish completes it and Publish gives it its
// name. Open reads one. Neither knows how audio is coded: they move compressed
// bytes, described by a File.
//
// # Layout
//
// The entries follow each other without gaps from the first byte on. Behind
// those of the user come, in the folder .trilobyte/, the model that the
// recordings are coded with (if it is below a thousandth of the archive) and the manifest,
// with all that ZIP has no place for, in columns of bytes. The ZIP comment is the seal: a
// SHA-256 of all from the model on: of these two and of the central directory,
// which is the table of contents.
//
// Every byte is thus covered by a check: local headers repeat what the central
// directory says, compressed bytes have the checks of a recording's stream or a
// CRC-32C in the manifest, original bytes a CRC-32 in the directory (recordings have
// the first bytes of their SHA-256 there) and a SHA-256 in the manifest, and the
// manifest and the directory are sealed.
//
// An entry's local header, with its sizes and its CRC-32, is written when its
// data is complete, and not before. So a torn archive holds whole entries up
// to one place, and they can be told from a half one: Open finds them by their
// local headers. What ZIP says of an entry stands in two places, the directory and
// the local header, and the manifest has a checksum of all local headers: if the
// directory is damaged, they tell the same.
//
// Small recordings and copies that follow on each other share an entry of ZIP, a bundle,
// because ZIP's headers would be a good part of them. The manifest has what ZIP says of
// other entries, and so has the bundle itself, for archives that have lost the manifest.
// Above this package, they are entries like all others.
//
// A file with the same content as one before it is an entry that says how far before
// it that one is, see Writer.Copy. Entries of such files give the content all the same.
//
// The seal is one of the end of the file, wherever that is. If it is right, and the
// entries before do not fill what is before it, bytes were lost or put in: then the
// entries are looked for.
//
// # Unfinished archives
//
// Until it is published, an archive is in a hidden file, .trilobyte-X.part, in
// the same folder, where X follows from its name. Beside it is its journal,
// .trilobyte-X.journal: a line for each whole entry of ZIP, with what will be in the
// manifest about its files, and with a checksum. Small recordings are in the journal until
// their bundle is full or something else comes. A Writer that finds them goes on with
// them: see Writer.Recover. The journal is locked as long as the archive is being
// written to. An archive that takes the place of another one (Replace) is there, too,
// until it is renamed over it.
//
// # Determinism
//
// The bytes of an archive follow from the files put into it, in their order,
// and from the model. They depend neither on the time nor on the machine.
//
// # Backwards compatibility
//
// Archives of every published format version will open for ever.
package archive

// Method is the ZIP compression method of recordings: a stream of codec/stream.
//
// PKWARE, which assigns the numbers, has given out none above 99 and counts
// upwards. This one reads "TB" in the file, and is far away from what will be
// assigned next.
const Method uint16 = 'T' | 'B'<<8

// methodCopy is the ZIP compression method of files whose content another entry
// holds. It reads "TC" in the file.
const methodCopy uint16 = 'T' | 'C'<<8

// methodBundle is the ZIP compression method of bundles. It reads "TS", for several, in
// the file.
const methodBundle uint16 = 'T' | 'S'<<8
