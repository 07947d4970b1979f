package ui

import "fyne.io/fyne/v2/lang"

// faults are what the engine and the operating system say of errors, as far as users are
// likely to meet them: see remark.
var faults = []remark{
	// The operating system.
	remarkOf("permission denied"),
	remarkOf("operation not permitted"),
	remarkOf("no space left on device"),
	remarkOf("disk quota exceeded"),
	remarkOf("read-only file system"),
	remarkOf("input/output error"),
	remarkOf("file name too long"),
	remarkOf("file too large"),
	remarkOf("too many open files"),
	remarkOf("device or resource busy"),
	remarkOf("is a directory"),
	remarkOf("not a directory"),
	remarkOf("file already exists"),
	remarkOf("file exists"),

	// Damage.
	remarkOf("the audio from {{.A}} to {{.B}} (frames {{.C}} to {{.D}}): {{.E}}"),
	remarkOf("{{.A}} is damaged (at byte {{.B}} of the compressed data): {{.C}}"),
	remarkOf("segment {{.A}} of {{.B}}"),
	remarkOf("it does not decode"),
	remarkOf("it does not decode ({{.A}})"),
	remarkOf("its FLAC frames do not decode: {{.A}}"),
	remarkOf("at byte {{.A}}: {{.B}}"),
	remarkOf("its compressed data is damaged"),
	remarkOf("its compressed data is damaged (between byte {{.A}} and {{.B}} of the archive)"),
	remarkOf("its compressed data is damaged: the archive ends after {{.A}} of its {{.B}} compressed bytes"),
	remarkOf("its checksum (SHA-256) differs: it is damaged"),
	remarkOf("its checksum in ZIP differs: it is damaged"),
	remarkOf("its checksum (CRC-32) differs: it is damaged"),
	remarkOf("the checksum of its audio (MD5) differs: it is damaged"),
	remarkOf("it has {{.A}} bytes, but had {{.B}}: it is damaged"),
	remarkOf("its ZIP header is damaged"),
	remarkOf("its ZIP header is damaged (at byte {{.A}} of the archive)"),
	remarkOf("the table of contents at the archive's end is damaged or was changed"),
	remarkOf("its end, with the table of contents, is missing or damaged: was it copied completely? {{.A}} of its entries were found without it"),
	remarkOf("{{.A}} of its files are lost: their ZIP headers are damaged"),
	remarkOf("its samples are those of {{.A}}: {{.B}}"),
	remarkOf("its content is that of {{.A}}: {{.B}}"),
	remarkOf("the archive has lost the recording whose samples it has"),
	remarkOf("the archive has lost the file whose content it has"),
	remarkOf("checksum mismatch"),
	remarkOf("checksum mismatch in the record header"),
	remarkOf("no record begins there"),
	remarkOf("the data ends before it does"),

	// Archives and files that cannot be used.
	remarkOf("not a Trilobyte archive"),
	remarkOf("not a Trilobyte archive: it is not a file"),
	remarkOf("not a Trilobyte archive: it is empty"),
	remarkOf("not a Trilobyte archive: it is a ZIP file of another program"),
	remarkOf("not a Trilobyte archive, or one whose end is missing or damaged: was it copied completely?"),
	remarkOf("the archive was made by a newer version of Trilobyte"),
	remarkOf("it is not a recording; restore it instead"),
	remarkOf("it was kept whole ({{.A}}); restore it instead"),
	remarkOf("its audio is not all of one kind (sample rate, channels and so on); restore it instead"),
	remarkOf("it is no file but {{.A}}, which cannot be archived"),
	remarkOf("a named pipe (FIFO)"),
	remarkOf("a socket"),
	remarkOf("a device"),
	remarkOf("what is in this folder could not be looked at: {{.A}}"),
	remarkOf("there is a folder of the same name already, which is never replaced: move it away"),
	remarkOf("nothing can be written into {{.A}}: {{.B}}"),
	remarkOf("{{.A}} cannot be looked into: {{.B}}"),
	remarkOf("{{.A}} cannot be made: {{.B}}"),
	remarkOf("the file changed while it was read"),
	remarkOf("the file became shorter while it was read"),
	remarkOf("not all files are in the archive"),
	remarkOf("the archive was not verified"),
}

// translated is a text of the given kinds in the language of the window, and so are the
// values in it. What is not known stays in English.
func translated(text string, known []remark) string {
	for _, r := range known {
		match := r.pattern.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		data := words{}
		for k, name := range r.pattern.SubexpNames() {
			if name != "" {
				data[name] = translated(match[k], known)
			}
		}
		return lang.L(r.text, data)
	}
	return text
}
