package segment
import ("testing";"os";"fmt";"context";"time";"trilobyte/codec/model";"trilobyte/codec/wav")
func TestLong(t *testing.T) {
	f, _ := os.Open("/tmp/five.wav")
	info, _ := f.Stat()
	w, err := wav.Parse(f, info.Size())
	if err != nil { t.Fatal(err) }
	raw := make([]byte, w.DataSize)
	f.ReadAt(raw, w.DataOffset)
	samples := w.Format.Samples(raw)
	file, _ := os.ReadFile("../../assets/models/default.onnx")
	m, _ := model.Load(file)
	c := New(m)
	n := 1310720
	for c := range samples { samples[c] = samples[c][n:][:n] }
	var data []byte
	if old, err := os.ReadFile("/tmp/long.segment"); err == nil { data = old } else {
	a := time.Now()
	data, err = c.Encode(context.Background(), samples, 16)
	fmt.Println("encode", float64(time.Since(a).Nanoseconds())/float64(2*n), len(data))
	os.WriteFile("/tmp/long.segment", data, 0o644)
	}
	plans, _, _ := readPlans(data, 2, 16, c.version)
	for _, p := range plans { fmt.Println("whole", p.whole, p.kind) }
	a := time.Now()
	c.Decode(context.Background(), data, 2, n, 16)
	fmt.Println("decode", float64(time.Since(a).Nanoseconds())/float64(2*n))
}
