package network_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/networktest"
	"trilobyte/codec/internal/simd"
)

func load(t *testing.T, file []byte) *network.Model {
	t.Helper()
	m, err := network.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func random(seed uint64) []byte {
	return networktest.Random(seed, feature.Count, 33, 17, mixture.Outputs)
}

// remembering is a network with a memory of 24 units.
func remembering(seed uint64) []byte {
	return networktest.WithMemory(seed, 24, []int{3, 7, 15}, feature.Count+24, 33, mixture.Outputs)
}

// TestRunnersAgree compares all built-in runners with the definition, at the sizes of the known-answer test and at odd
// ones.
func TestRunnersAgree(t *testing.T) {
	batches := []int{1, 7, 31, 33, 64, 4096, 10_000}
	if testing.Short() {
		batches = []int{1, 7, 33, 300}
	}
	for name, file := range map[string][]byte{
		"as large as a trained one": networktest.Random(1, feature.Count, 128, 128, mixture.Outputs),
		"of odd sizes":              random(1),
		"of one layer":              networktest.Random(1, feature.Count, mixture.Outputs),
		"with memory":               remembering(1),
	} {
		m := load(t, file)
		for _, path := range simd.Paths() {
			r, err := m.On(path)
			if err != nil {
				t.Fatal(err)
			}
			err = m.KnownAnswerAt(func(inputs []uint8, outputs []network.Outputs) error {
				r.Run(inputs, outputs)
				return nil
			}, batches...)
			if err != nil {
				t.Errorf("%s: %s: %v", name, r.Name(), err)
			}
		}
	}
}

// TestKnownAnswerFindsOneBit has a single bit of the answers wrong, at one place at a time.
func TestKnownAnswerFindsOneBit(t *testing.T) {
	m := load(t, random(2))
	random := rand.New(rand.NewPCG(1, 1))
	for _, size := range []int{1, 7, 64, 4096} {
		wrong := random.IntN(network.KnownAnswerRows)
		row := 0
		err := m.KnownAnswerAt(func(inputs []uint8, outputs []network.Outputs) error {
			m.BuiltIn().Run(inputs, outputs)
			if row <= wrong && wrong < row+len(outputs) {
				outputs[wrong-row][random.IntN(mixture.Outputs)] ^= 1
			}
			row += len(outputs)
			return nil
		}, size)
		if err == nil || !strings.Contains(err.Error(), "not exact") {
			t.Errorf("batches of %d, row %d: %v", size, wrong, err)
		}
	}
}

// replaceOnce replaces one occurrence of old, which must be there.
func replaceOnce(t *testing.T, file, old, new []byte) []byte {
	t.Helper()
	if !bytes.Contains(file, old) {
		t.Fatalf("the file does not contain %q", old)
	}
	return bytes.Replace(bytes.Clone(file), old, new, 1)
}

// bias returns the bytes of a model's first bias.
func bias(t *testing.T, file []byte) []byte {
	t.Helper()
	at := bytes.Index(file, []byte("bias1J")) // its name, then its bytes with their length
	if at < 0 {
		t.Fatal("there is no bias1")
	}
	at += len("bias1J")
	_, n := protowire.ConsumeVarint(file[at:])
	return file[at+n:][:4]
}

// TestForgedModels has files refused that are not what training exports, above all those that could leave the range in
// which float32 is exact.
func TestForgedModels(t *testing.T) {
	whole := random(3)
	forge := func(change func(file []byte)) []byte {
		file := bytes.Clone(whole)
		change(file)
		return file
	}
	setBias := func(v float32) []byte {
		return forge(func(file []byte) { binary.LittleEndian.PutUint32(bias(t, file), math.Float32bits(v)) })
	}
	toFloat16 := protowire.AppendVarint(protowire.AppendTag([]byte("to"), 3, protowire.VarintType), 10)
	toFloat32 := protowire.AppendVarint(protowire.AppendTag([]byte("to"), 3, protowire.VarintType), 1)
	memory := remembering(3)
	forgeMemory := func(old, new string) []byte { return replaceOnce(t, memory, []byte(old), []byte(new)) }
	cases := map[string]struct {
		file []byte
		says string
	}{
		"a bias that could leave the exact range": {setBias(1<<24 - 1000), "beyond the exact range"},
		"a negative one":                           {setBias(-(1<<24 - 1000)), "beyond the exact range"},
		"a bias beyond it":                         {setBias(1 << 25), "integer layers"},
		"a bias that is no integer":                {setBias(0.5), "integer layers"},
		"a bias that is no number":                 {setBias(float32(math.NaN())), "integer layers"},
		"an infinite bias":                         {setBias(float32(math.Inf(-1))), "integer layers"},
		"weights that could leave the exact range": {heavy(), "beyond the exact range"},
		"another operator":                         {replaceOnce(t, whole, []byte("Floor"), []byte("Round")), "integer layers"},
		"a cast to 16 bits":                        {replaceOnce(t, whole, toFloat32, toFloat16), "integer layers"},
		"functions that redefine operators":        {protowire.AppendBytes(protowire.AppendTag(bytes.Clone(whole), 25, protowire.BytesType), nil), "integer layers"},
		"another graph behind the first":           {append(bytes.Clone(whole), whole...), "integer layers"},
		"other features":                           {networktest.Random(1, feature.Count+1, 16, mixture.Outputs), "features"},
		"other outputs":                            {networktest.Random(1, feature.Count, 16, mixture.Outputs-1), "outputs"},
		"a memory with rates for nothing":          {networktest.WithMemory(3, 24, []int{3, 7, 9, 11, 12}, feature.Count+24, mixture.Outputs), "integer layers"},
		"a rate that is too high":                  {networktest.WithMemory(3, 24, []int{3, 16}, feature.Count+24, mixture.Outputs), "rates"},
		"rates that are none":                      {forgeMemory("3 7 15", "3 7 1,"), "rates"},
		"rates with a leading zero":                {forgeMemory("3 7 15", "3 7 05"), "rates"},
		"no rates":                                 {forgeMemory("trilobyte.memory", "trilobyte.memorY"), "integer layers"},
		"rates without a memory":                   {append(bytes.Clone(whole), memory[bytes.Index(memory, []byte("trilobyte.memory"))-4:]...), "integer layers"},
		"a memory along another axis":              {forgeMemory("axis\x18\x01", "axis\x18\x00"), "integer layers"},
		"a memory before the features":             {forgeMemory("\n\bfeatures\n\x06memory", "\n\x06memory\n\bfeatures"), "integer layers"},
		"units under another name":                 {forgeMemory("\x12\x05units", "\x12\x05unitz"), "integer layers"},
		"an observer beyond the exact range":       {heavyObserver(t), "beyond the exact range"},
		"a memory that leaves no features":         {networktest.WithMemory(3, feature.Count, []int{3}, feature.Count+8, mixture.Outputs), "features"},
		"a memory beside other features":           {networktest.WithMemory(3, 24, []int{3}, feature.Count+23, mixture.Outputs), "features"},
		"nothing":                                  {nil, "integer layers"},
		"text":                                     {[]byte("no model"), "damaged"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m, err := network.Load(c.file)
			if m != nil || err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v, want %q", err, c.says)
			}
		})
	}
}

// heavyObserver is a model whose observer has a bias that could leave the exact range.
func heavyObserver(t *testing.T) []byte {
	file := remembering(3)
	at := bytes.Index(file, []byte("biasobserverJ"))
	if at < 0 {
		t.Fatal("there is no observer")
	}
	at += len("biasobserverJ")
	_, n := protowire.ConsumeVarint(file[at:])
	binary.LittleEndian.PutUint32(file[at+n:], math.Float32bits(1<<24-1000))
	return file
}

// heavy is a model whose weights are all of the largest, so that many of them add up beyond 2^24.
func heavy() []byte {
	file := networktest.Random(4, feature.Count, 600, mixture.Outputs)
	at := bytes.Index(file, []byte("weight2J")) + len("weight2J")
	_, n := protowire.ConsumeVarint(file[at:])
	weights := file[at+n:][:600*mixture.Outputs]
	for i := range weights {
		weights[i] = 127
	}
	return file
}

// TestTruncatedModels cuts a model off at every length.
func TestTruncatedModels(t *testing.T) {
	for name, whole := range map[string][]byte{
		"without memory": networktest.Random(5, feature.Count, 3, mixture.Outputs),
		"with memory":    networktest.WithMemory(5, 2, []int{3}, feature.Count+2, mixture.Outputs),
	} {
		for length := range whole {
			if _, err := network.Load(whole[:length]); err == nil {
				t.Fatalf("%s: the first %d of %d bytes load", name, length, len(whole))
			}
		}
	}
}

// FuzzLoadedModelsAreExact has no file make the loader panic, and none that loads leave the exact range.
func FuzzLoadedModelsAreExact(f *testing.F) {
	f.Add(networktest.Random(6, feature.Count, 3, mixture.Outputs))
	f.Add(remembering(6))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := network.Load(file)
		if err != nil {
			return
		}
		outputs := make([]network.Outputs, 1)
		for _, v := range []uint8{0, 255} {
			m.BuiltIn().Run(bytes.Repeat([]byte{v}, m.Inputs()), outputs)
			m.NewMemory().Next((*[feature.Count]uint8)(bytes.Repeat([]byte{v}, feature.Count)))
			for _, o := range outputs[0] {
				if o >= 1<<24 || o <= -1<<24 {
					t.Fatalf("an output of %d", o)
				}
			}
		}
	})
}
