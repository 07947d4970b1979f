package ui

import (
	"fyne.io/fyne/v2/theme"

	"trilobyte/app/archive"
)

// archiveColumns are the columns of what is in an archive.
func archiveColumns() []column {
	return []column{
		{title: tr("Format"), width: 150, left: true},
		{title: tr("Length"), width: 56},
		{title: tr("Original"), width: 72},
		{title: "FLAC", width: 72},
		{title: "Trilobyte", width: 72},
		{title: tr("Below FLAC"), width: 80},
	}
}

// nodeLine is the line of something in an archive.
func nodeLine(n *node, playing, searching bool) lineContent {
	c := lineContent{indent: n.depth, name: n.name, check: n.box(), icon: fileIcon(n.name), progress: -1}
	format, length := "", ""
	switch {
	case n.isFolder():
		c.icon, c.bold, c.mark = theme.FolderIcon(), true, opened
		if n.folded && !searching {
			c.mark = closed
		}
		if len(n.children) == 0 {
			c.mark = noMark
		}
		c.remark = cell{joined(filesText(n.files), othersText(n.totals)), theme.ColorNamePlaceHolder}
	case n.entry.Kind == archive.KindRecording:
		format = formatText(n.entry.File)
		length = lengthText(n.entry.Duration())
		c.remark = cell{remarkText(n.entry.Note), theme.ColorNameWarning}
	case n.entry.Note != "":
		c.remark = cell{keptWhole(n.entry.Note), theme.ColorNameWarning}
	case n.entry.Kind == archive.KindLink:
		c.remark = cell{"→ " + n.entry.Target, theme.ColorNamePlaceHolder}
	}
	if !n.isFolder() && c.remark.text == "" {
		c.remark = cell{sharedText(n.entry.SameAs, n.entry.RefersTo), theme.ColorNamePlaceHolder}
	}
	if playing {
		c.icon = theme.MediaPlayIcon()
		c.bold = true
	}
	if fault := n.fault(); fault != "" {
		c.remark = cell{fault, theme.ColorNameError}
	}
	sizes := sizeCells(n.size, n.totals.Sizes)
	if n.totals.Recordings == 0 {
		sizes[2].text = bytesText(n.compressed)
	}
	c.cells = append([]cell{{text: format}, {text: length}}, sizes...)
	c.tips = append([]string{"", ""}, sizeTips(n.size, n.totals.Sizes)...)
	c.tip = n.path
	return c
}
