package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// column is a column behind the name.
type column struct {
	title string
	width float32
	left  bool // its text begins at the left
}

// cell is a text in a column.
type cell struct {
	text  string
	color fyne.ThemeColorName // the foreground's if ""
}

// mark is what stands before a name.
type mark int

const (
	noMark mark = iota
	closed      // there is more below it, which is not shown
	opened
)

// check is a box to be ticked.
type check int

const (
	noCheck check = iota
	unticked
	partly
	ticked
)

// lineContent is what a line shows.
type lineContent struct {
	indent   int
	mark     mark
	check    check
	icon     fyne.Resource
	name     string
	tip      string // of the name
	bold     bool
	remark   cell // behind the name
	cells    []cell
	tips     []string // of the cells, as many or none; the text itself where it is cut and there is no tip
	marked   bool     // it is selected with others
	progress float64  // of the bar in the first column, 0 to 1; none if negative
}

func (c lineContent) equal(o lineContent) bool {
	return c.indent == o.indent && c.mark == o.mark && c.check == o.check && c.icon == o.icon && c.name == o.name && c.tip == o.tip && c.marked == o.marked &&
		c.bold == o.bold && c.remark == o.remark && c.progress == o.progress &&
		slices.Equal(c.cells, o.cells) && slices.Equal(c.tips, o.tips)
}

// Sizes of lines.
const (
	lineHeight  = float32(24)
	lineGap     = float32(8)
	indentWidth = float32(18)
	boxWidth    = float32(20)
)

// rightGap is the room behind the last column, where the scroll bar lies.
func rightGap() float32 { return max(lineGap, theme.ScrollBarSize()+2) }

// line is a row of a list: a name and columns. It draws itself anew only where
// something has changed.
type line struct {
	widget.BaseWidget
	columns []column
	content lineContent
	id      int

	onTap       func(id int)
	onMark      func(id int)
	onCheck     func(id int)
	onSecondary func(id int, at fyne.Position)
	onDrag      func(id int, at fyne.Position) // the mouse is at, while it drags the line
	onDragEnd   func()
	onModifier  func(fyne.KeyModifier)             // what was held when the mouse was pressed
	onHover     func(tip string, at fyne.Position) // "": there is nothing to tell
	hand        hand
	hovered     bool
}

var (
	_ desktop.Hoverable      = (*line)(nil)
	_ desktop.Mouseable      = (*line)(nil)
	_ fyne.Draggable         = (*line)(nil)
	_ fyne.Tappable          = (*line)(nil)
	_ fyne.SecondaryTappable = (*line)(nil)
	_ desktop.Cursorable     = (*line)(nil)
)

func newLine(columns []column) *line {
	l := &line{columns: columns, id: -1}
	l.ExtendBaseWidget(l)
	return l
}

// set changes what the line shows.
func (l *line) set(content lineContent) {
	if l.content.equal(content) {
		return
	}
	l.content = content
	l.Refresh()
}

// marksAt is where the part of a line begins that follows the indentation.
func (c lineContent) marksAt() float32 { return lineGap/2 + float32(c.indent)*indentWidth }

// Tapped implements fyne.Tappable.
func (l *line) Tapped(e *fyne.PointEvent) {
	x := e.Position.X - l.content.marksAt()
	if l.content.mark != noMark && x >= 0 && x < boxWidth && l.onMark != nil {
		l.onMark(l.id)
		return
	}
	if x -= boxWidth; l.content.check != noCheck && x >= 0 && x < boxWidth && l.onCheck != nil {
		l.onCheck(l.id)
		return
	}
	if l.onTap != nil {
		l.onTap(l.id)
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (l *line) TappedSecondary(e *fyne.PointEvent) {
	if l.onSecondary != nil {
		l.onSecondary(l.id, e.AbsolutePosition)
	}
}

// Cursor implements desktop.Cursorable.
func (l *line) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// MouseDown implements desktop.Mouseable.
func (l *line) MouseDown(e *desktop.MouseEvent) {
	if l.onModifier != nil {
		l.onModifier(e.Modifier)
	}
}

// MouseUp implements desktop.Mouseable.
func (l *line) MouseUp(*desktop.MouseEvent) {}

// Dragged implements fyne.Draggable.
func (l *line) Dragged(e *fyne.DragEvent) {
	if l.hand.moved(e) && l.onDrag != nil {
		l.onDrag(l.id, e.AbsolutePosition)
	}
}

// DragEnd implements fyne.Draggable.
func (l *line) DragEnd() {
	if at, click := l.hand.end(); click {
		l.Tapped(at)
	} else if l.onDragEnd != nil {
		l.onDragEnd()
	}
}

// MouseIn implements desktop.Hoverable.
func (l *line) MouseIn(e *desktop.MouseEvent) {
	l.hovered = true
	l.Refresh()
	l.MouseMoved(e)
}

// MouseMoved implements desktop.Hoverable.
func (l *line) MouseMoved(e *desktop.MouseEvent) {
	if l.onHover != nil {
		l.onHover(l.tipAt(e.Position.X), e.AbsolutePosition)
	}
}

// MouseOut implements desktop.Hoverable.
func (l *line) MouseOut() {
	l.hovered = false
	l.Refresh()
	if l.onHover != nil {
		l.onHover("", fyne.Position{})
	}
}

// tipAt is what there is to tell of what lies at x.
func (l *line) tipAt(x float32) string {
	left := l.Size().Width - rightGap()
	for i := len(l.columns) - 1; i >= 0; i-- {
		left -= l.columns[i].width
		if x >= left-lineGap/2 {
			if i >= len(l.content.cells) {
				return ""
			}
			if i < len(l.content.tips) && l.content.tips[i] != "" {
				return l.content.tips[i]
			}
			if c := l.content.cells[i]; measured(c.text, l.content.bold && i > 0) > l.columns[i].width {
				return c.text
			}
			return ""
		}
		left -= lineGap
	}
	c := l.content
	name := measured(c.name, c.bold)
	room := left - c.marksAt() - 3*boxWidth
	if needs := measured(c.remark.text, false); c.tip == "" && name+needs <= room {
		return ""
	}
	tip := c.tip
	if tip == "" {
		tip = c.name
	}
	if c.remark.text != "" && c.remark.text != tip {
		tip += "\n" + c.remark.text
	}
	return tip
}

// measured is how wide a text is.
func measured(text string, bold bool) float32 {
	if text == "" {
		return 0
	}
	return fyne.MeasureText(text, theme.TextSize(), fyne.TextStyle{Bold: bold}).Width
}

// CreateRenderer implements fyne.Widget.
func (l *line) CreateRenderer() fyne.WidgetRenderer {
	r := &lineRenderer{
		line: l, name: newCutText(fyne.TextAlignLeading), remark: newCutText(fyne.TextAlignLeading),
		mark: canvas.NewImageFromResource(nil), check: canvas.NewImageFromResource(nil), icon: canvas.NewImageFromResource(nil),
		ground: canvas.NewRectangle(nil), track: canvas.NewRectangle(nil), bar: canvas.NewRectangle(nil),
	}
	r.objects = []fyne.CanvasObject{r.ground, r.mark, r.check, r.icon, r.track, r.bar, r.name.text, r.remark.text}
	for _, c := range l.columns {
		alignment := fyne.TextAlignTrailing
		if c.left {
			alignment = fyne.TextAlignLeading
		}
		t := newCutText(alignment)
		r.cells = append(r.cells, t)
		r.objects = append(r.objects, t.text)
	}
	r.update()
	return r
}

type lineRenderer struct {
	line              *line
	objects           []fyne.CanvasObject
	mark, check, icon *canvas.Image
	name, remark      *cutText
	cells             []*cutText
	ground            *canvas.Rectangle // of a row that is selected with others, or under the mouse
	track, bar        *canvas.Rectangle
}

// MinSize implements fyne.WidgetRenderer.
func (r *lineRenderer) MinSize() fyne.Size {
	width := 120 + rightGap()
	for _, c := range r.line.columns {
		width += c.width + lineGap
	}
	return fyne.NewSize(width, lineHeight)
}

// Objects implements fyne.WidgetRenderer.
func (r *lineRenderer) Objects() []fyne.CanvasObject { return r.objects }

// Destroy implements fyne.WidgetRenderer.
func (r *lineRenderer) Destroy() {}

// Refresh implements fyne.WidgetRenderer.
func (r *lineRenderer) Refresh() {
	r.update()
	r.Layout(r.line.Size())
	canvas.Refresh(r.line)
}

// update takes over the content.
func (r *lineRenderer) update() {
	c := &r.line.content
	r.name.set(c.name, theme.ColorNameForeground, c.bold)
	r.remark.set(c.remark.text, orForeground(c.remark.color), false)
	for i, t := range r.cells {
		text := cell{}
		if i < len(c.cells) {
			text = c.cells[i]
		}
		t.set(text.text, orForeground(text.color), c.bold && i > 0)
	}
	setImage(r.mark, map[mark]fyne.Resource{closed: theme.MenuExpandIcon(), opened: theme.MenuDropDownIcon()}[c.mark])
	setImage(r.check, map[check]fyne.Resource{
		unticked: theme.CheckButtonIcon(), partly: theme.ContentRemoveIcon(), ticked: theme.CheckButtonCheckedIcon(),
	}[c.check])
	setImage(r.icon, c.icon)
	r.ground.Hidden = !c.marked && !r.line.hovered
	r.ground.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
	r.ground.FillColor = colorOf(theme.ColorNameHover)
	if c.marked {
		r.ground.FillColor = colorOf(theme.ColorNameSelection)
	}
	r.track.FillColor = colorOf(colorTrack)
	r.bar.FillColor = colorOf(theme.ColorNamePrimary)
	r.track.Hidden, r.bar.Hidden = c.progress < 0, c.progress < 0
}

func orForeground(name fyne.ThemeColorName) fyne.ThemeColorName {
	if name == "" {
		return theme.ColorNameForeground
	}
	return name
}

func setImage(image *canvas.Image, resource fyne.Resource) {
	if resource == nil {
		image.Hide()
		image.Resource = nil
		return
	}
	if image.Resource == nil || image.Resource.Name() != resource.Name() {
		image.Resource = resource
		image.Refresh()
	}
	image.Show()
}

// Layout implements fyne.WidgetRenderer.
func (r *lineRenderer) Layout(size fyne.Size) {
	c := &r.line.content
	r.ground.Resize(size)
	textHeight := fyne.MeasureText("X", theme.TextSize(), fyne.TextStyle{}).Height
	top := (size.Height - textHeight) / 2
	right := size.Width - rightGap()
	for i := len(r.line.columns) - 1; i >= 0; i-- {
		width := r.line.columns[i].width
		r.cells[i].place(fyne.NewPos(right-width, top), fyne.NewSize(width, textHeight))
		if i == 0 {
			r.layoutBar(right-width, size.Height, width)
		}
		right -= width + lineGap
	}
	x := c.marksAt()
	box := fyne.NewSize(boxWidth-4, boxWidth-4)
	for _, image := range []*canvas.Image{r.mark, r.check, r.icon} {
		if image == r.mark || !image.Hidden {
			image.Move(fyne.NewPos(x, (size.Height-box.Height)/2))
			image.Resize(box)
			x += boxWidth
		}
	}
	name := min(r.name.needs(), max(right-x, 0))
	if remark := r.remark.needs(); remark > 0 {
		// Half of the room is for a long remark, but all that the name leaves.
		name = min(name, max((right-x)/2, right-x-remark-lineGap))
	}
	r.name.place(fyne.NewPos(x, top), fyne.NewSize(name, textHeight))
	x += name + lineGap
	r.remark.place(fyne.NewPos(x, top), fyne.NewSize(max(right-x, 0), textHeight))
}

// layoutBar puts the bar below the text of the first column.
func (r *lineRenderer) layoutBar(x, height, width float32) {
	const thickness = 3
	r.track.Move(fyne.NewPos(x, height-thickness-1))
	r.track.Resize(fyne.NewSize(width, thickness))
	r.bar.Move(fyne.NewPos(x, height-thickness-1))
	r.bar.Resize(fyne.NewSize(width*float32(min(max(r.line.content.progress, 0), 1)), thickness))
}
