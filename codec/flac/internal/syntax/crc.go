package syntax

// The checksums of frame headers and frames (RFC 9639, sections 9.1.8 and 9.3).
const (
	crc8Polynomial  = 0x07
	crc16Polynomial = 0x8005
)

var crc8Table, crc16Table = crcTables()

// crcTables returns the checksums of all single bytes.
func crcTables() (table8 [256]byte, table16 [256]uint16) {
	for i := range 256 {
		c8, c16 := byte(i), uint16(i)<<8
		for range 8 {
			c8 = c8<<1 ^ c8>>7*crc8Polynomial
			c16 = c16<<1 ^ c16>>15*crc16Polynomial
		}
		table8[i], table16[i] = c8, c16
	}
	return table8, table16
}

// CRC8 returns the checksum of a frame header (RFC 9639, section 9.1.8).
func CRC8(data []byte) byte {
	crc := byte(0)
	for _, b := range data {
		crc = crc8Table[crc^b]
	}
	return crc
}

// CRC16 returns the checksum of a frame (RFC 9639, section 9.3).
func CRC16(data []byte) uint16 {
	crc := uint16(0)
	for _, b := range data {
		crc = crc<<8 ^ crc16Table[byte(crc>>8)^b]
	}
	return crc
}
