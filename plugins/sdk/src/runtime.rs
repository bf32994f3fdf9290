//! The guest's runtime: a few fixed pages of memory, handed out once and never
//! taken back. The host evaluates in a fresh instance each time, so freeing
//! would be work for nothing.
//!
//! `wit-bindgen`'s own runtime takes the address of its `cabi_realloc`, which
//! costs every instance a table; this one stands in for it.
#![allow(unsafe_code)]

use alloc::alloc::{alloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr;

/// Called by the generated bindings for its side effect on the linker, which
/// this runtime's `cabi_realloc` doesn't need.
pub fn maybe_link_cabi_realloc() {}

/// What the generated bindings hold while they write a list for the host.
pub struct Cleanup;

impl Cleanup {
    /// Room for a list; null for an empty one.
    pub fn new(layout: Layout) -> (*mut u8, Option<Self>) {
        if layout.size() == 0 {
            return (ptr::null_mut(), None);
        }
        // SAFETY: the size is not 0.
        let block = unsafe { alloc(layout) };
        if block.is_null() {
            handle_alloc_error(layout);
        }
        (block, Some(Self))
    }

    /// The list is the host's now.
    pub fn forget(self) {}
}

#[cfg(target_arch = "wasm32")]
mod guest {
    use core::alloc::{GlobalAlloc, Layout};
    use core::ptr;
    use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    // Placed by the linker: the first byte after the data, and the end of the
    // memory. Only their addresses mean anything.
    unsafe extern "C" {
        static __heap_base: u8;
        static __heap_end: u8;
    }

    /// Counts the bytes handed out, so that it starts as zero and needs no data.
    struct Bump {
        used: AtomicUsize,
    }

    #[global_allocator]
    static HEAP: Bump = Bump {
        used: AtomicUsize::new(0),
    };

    // SAFETY: a guest has one thread, and each block starts at or after the end
    // of the one before it, aligned, and inside the heap.
    unsafe impl GlobalAlloc for Bump {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let base = &raw const __heap_base as usize;
            let end = &raw const __heap_end as usize;
            // `start` is at most `end`, rounded up, and a size at most isize::MAX:
            // no sum overflows.
            let start = (base + self.used.load(Relaxed)).next_multiple_of(layout.align());
            let after = start + layout.size();
            if after > end {
                return ptr::null_mut();
            }
            self.used.store(after - base, Relaxed);
            start as *mut u8
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    }

    /// Where the host puts an argument (component model, canonical ABI).
    ///
    /// # Safety
    /// `old` is null with `old_size` 0, or a block of that size from here;
    /// `align` is a power of two.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn cabi_realloc(
        old: *const u8,
        old_size: usize,
        align: usize,
        size: usize,
    ) -> *mut u8 {
        // SAFETY: the layout is the caller's promise, and blocks never overlap.
        unsafe {
            let new = HEAP.alloc(Layout::from_size_align_unchecked(size, align));
            if new.is_null() {
                core::arch::wasm32::unreachable();
            }
            if old_size > 0 {
                ptr::copy_nonoverlapping(old, new, old_size.min(size));
            }
            new
        }
    }

    /// A panic is a trap; the host says which component and which input it was.
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }
}
