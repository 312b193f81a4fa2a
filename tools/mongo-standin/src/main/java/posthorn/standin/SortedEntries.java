package posthorn.standin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Entries of an index, which are lists of values, in ascending order. They are kept in blocks, and the block where an entry was
 * added last is tried first for the next one that begins alike: ids ascend in time, so that is where it mostly belongs. A search
 * from the root of a tree meets entries that no cache holds at every step, which was a third of all work of this server.
 */
final class SortedEntries {
    /** Sorts behind everything, to mark the end of a range. */
    static final Object END = new Object();

    private static final int BLOCK_SIZE = 128;
    private static final int REMEMBERED = 256;

    /** None is empty, except for the only one. */
    private final List<Block> blocks = new ArrayList<>();
    private final Block[] lately = new Block[REMEMBERED];
    private Block last;
    private int size;

    SortedEntries() {
        clear();
    }

    int size() {
        return size;
    }

    void clear() {
        blocks.clear();
        last = new Block();
        blocks.add(last);
        Arrays.fill(lately, null);
        size = 0;
    }

    void add(Object[] entry) {
        Block block = blockOf(entry);
        int place = block.find(entry);
        if (place >= 0) {
            return;
        }
        block.insert(-place - 1, entry);
        size++;
        if (block.size == BLOCK_SIZE) {
            blocks.add(indexOf(entry) + 1, block.split());
        }
    }

    void remove(Object[] entry) {
        Block block = blockOf(entry);
        int place = block.find(entry);
        if (place < 0) {
            return;
        }
        if (block.size == 1 && blocks.size() > 1) {
            int index = indexOf(entry);
            blocks.remove(index);
            if (index > 0) {
                blocks.get(index - 1).next = block.next;
            }
        }
        block.delete(place);
        size--;
    }

    /** What lies between the bounds, which may be shorter than entries and belong to the range. Nothing may change meanwhile. */
    Iterable<Object[]> between(Object[] from, Object[] to, boolean descending) {
        return () -> descending ? new Walk(to, from, -1) : new Walk(from, to, 1);
    }

    /** An entry sorts before every entry that it begins. */
    static int compare(Object[] a, Object[] b) {
        int common = Math.min(a.length, b.length);
        for (int i = 0; i < common; i++) {
            Object left = a[i];
            Object right = b[i];
            // neighbours mostly share their first values
            if (left == right) {
                continue;
            }
            int result = left == END ? 1 : right == END ? -1 : ValueType.INSTANCE.compare(left, right);
            if (result != 0) {
                return result;
            }
        }
        return Integer.compare(a.length, b.length);
    }

    private Block blockOf(Object[] entry) {
        int place = entry[0].hashCode() & REMEMBERED - 1;
        Block block = lately[place];
        if (block == null || !block.covers(entry)) {
            // where every first value is a new one, they ascend themselves
            block = last.covers(entry) ? last : blocks.get(indexOf(entry));
            lately[place] = block;
        }
        last = block;
        return block;
    }

    /** The last block that begins with the entry or before it; the first if none does. */
    private int indexOf(Object[] entry) {
        int low = 1;
        int high = blocks.size() - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (compare(blocks.get(middle).entries[0], entry) <= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return low - 1;
    }

    private static final class Block {
        private final Object[][] entries = new Object[BLOCK_SIZE][];
        private int size;
        private Block next;

        boolean covers(Object[] entry) {
            return size > 0
                && compare(entries[0], entry) <= 0
                && (next == null || compare(entry, next.entries[0]) < 0);
        }

        /** As of Arrays.binarySearch. */
        int find(Object[] entry) {
            int low = 0;
            int high = size - 1;
            while (low <= high) {
                int middle = low + high >>> 1;
                int result = compare(entries[middle], entry);
                if (result == 0) {
                    return middle;
                }
                if (result < 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return -low - 1;
        }

        void insert(int place, Object[] entry) {
            System.arraycopy(entries, place, entries, place + 1, size - place);
            entries[place] = entry;
            size++;
        }

        void delete(int place) {
            size--;
            System.arraycopy(entries, place + 1, entries, place, size - place);
            entries[size] = null;
        }

        Block split() {
            Block upper = new Block();
            int kept = size / 2;
            upper.size = size - kept;
            System.arraycopy(entries, kept, upper.entries, 0, upper.size);
            Arrays.fill(entries, kept, size, null);
            size = kept;
            upper.next = next;
            next = upper;
            return upper;
        }
    }

    private final class Walk implements Iterator<Object[]> {
        private final Object[] end;
        private final int step;
        private int block;
        private int place;

        Walk(Object[] start, Object[] end, int step) {
            this.end = end;
            this.step = step;
            block = indexOf(start);
            int found = blocks.get(block).find(start);
            place = found >= 0 ? found : step > 0 ? -found - 1 : -found - 2;
            enterBlock();
        }

        private void enterBlock() {
            if (step > 0 && place >= blocks.get(block).size && block + 1 < blocks.size()) {
                block++;
                place = 0;
            } else if (step < 0 && place < 0 && block > 0) {
                block--;
                place = blocks.get(block).size - 1;
            }
        }

        @Override
        public boolean hasNext() {
            return place >= 0
                && place < blocks.get(block).size
                && step * compare(blocks.get(block).entries[place], end) <= 0;
        }

        @Override
        public Object[] next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Object[] entry = blocks.get(block).entries[place];
            place += step;
            enterBlock();
            return entry;
        }
    }
}
