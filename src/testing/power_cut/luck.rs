//! The seeded chance behind every choice of a simulated power cut.

/// SplitMix64: a sequence that depends on nothing but its seed.
pub(super) struct Luck(u64);

impl Luck {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; `bound` must not be 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.draw() % bound as u64) as usize
    }

    pub(super) fn coin(&mut self) -> bool {
        self.draw() & 1 == 0
    }

    /// True in `sixteenths` of 16 cases.
    pub(super) fn sixteenths(&mut self, sixteenths: u64) -> bool {
        self.draw() % 16 < sixteenths
    }

    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(8) {
            let garbage = self.draw().to_le_bytes();
            piece.copy_from_slice(&garbage[..piece.len()]);
        }
    }
}
