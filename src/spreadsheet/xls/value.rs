//! Small encodings of the format: numbers, error values, code pages.

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, WINDOWS_1252};

/// A number in four bytes: the top of a float, or an integer, perhaps a
/// hundred times too large.
pub(super) fn packed_number(bits: u32) -> f64 {
    let value = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        f64::from(bits as i32 >> 2)
    };
    if bits & 1 == 0 { value } else { value / 100.0 }
}

pub(super) fn error_text(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

/// The encoding of the texts of version 5.
pub(super) fn code_page(number: u16) -> &'static Encoding {
    match number {
        932 => SHIFT_JIS,
        936 => GBK,
        949 | 1361 | 51949 => EUC_KR,
        950 => BIG5,
        65001 => UTF_8,
        _ => WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::packed_number;

    #[test]
    fn packed_numbers_are_unpacked() {
        assert_eq!(packed_number(0x3FF0_0000), 1.0);
        assert_eq!(packed_number(0x3FF0_0001), 0.01);
        assert_eq!(packed_number((5 << 2) | 2), 5.0);
        assert_eq!(packed_number((1234 << 2) | 3), 12.34);
        assert_eq!(packed_number((-7_i32 << 2) as u32 | 2), -7.0);
    }
}
