package ui

import (
	"trilobyte/app/job"
)

// lackText says what files lack that an archive was made of, or that came out of one.
func lackText(l job.Lacking) string {
	data := words{"Files": filesText(l.Files), "First": l.First, "Reason": ""}
	if l.Err != nil {
		data["Reason"] = faultText(l.Err)
	}
	switch l.What {
	case job.LackLinks:
		return tr("Links were not made because of where they lead: {{.Files}}, of which {{.First}} is the first.", data)
	case job.LackBits:
		return tr("Setuid, setgid and sticky bits were not set: {{.Files}}, of which {{.First}} is the first.", data)
	case job.LackModes:
		return tr("Permissions could not be set: {{.Files}}, of which {{.First}} is the first ({{.Reason}}).", data)
	case job.LackTimes:
		return tr("Times could not be set: {{.Files}}, of which {{.First}} is the first ({{.Reason}}).", data)
	case job.LackAttributes:
		return tr("Extended attributes could not be kept: {{.Files}}, of which {{.First}} is the first ({{.Reason}}).", data)
	case job.LackHoles:
		return tr("Holes of sparse files could not be kept: {{.Files}}, of which {{.First}} is the first ({{.Reason}}).", data)
	case job.LackSymlinks:
		return tr("Links could not be made: {{.Files}}, of which {{.First}} is the first ({{.Reason}}).", data)
	case job.LackThere:
		return tr("What was there already with the same content, but is otherwise not as in the archive, was left so: {{.Files}}, of which {{.First}} is the first.", data)
	case job.LackHidden:
		return tr("What was hidden is shown: {{.Files}}, of which {{.First}} is the first ({{.Reason}}).", data)
	}
	return tr("Hard links became copies: {{.Files}}, of which {{.First}} is the first ({{.Reason}}).", data)
}
