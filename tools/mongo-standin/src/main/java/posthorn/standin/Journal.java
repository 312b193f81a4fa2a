package posthorn.standin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.WriteBuffer;

/**
 * What was changed since the store was last written: a write is durable as soon as this has it, which takes one short write at
 * the end instead of all the pages that the change touches.
 *
 * <p>Two files take turns. A checkpoint begins the next generation in the other file and stores its number with the pages, and
 * what is read after a crash begins with that generation. Reading changes again that the pages have already does no harm: at
 * the end of the journal they are what they were. A frame is the changes of whole commands: a torn one counts as none.
 */
final class Journal {
    /** In the store: the first generation that its pages do not have. */
    private static final String STATE = "journal";
    private static final String FROM = "from";
    private static final int CHECKPOINT_BYTES = 1024 * 1024;
    /** Beyond this a write waits for a checkpoint. */
    private static final int BYTES_MAX = 32 * 1024 * 1024;
    private static final long CHECKPOINT_AFTER_NS = 1_000_000_000L;

    private final FileChannel[] files;
    private final MVMap<String, Long> state;
    private WriteBuffer pending = JournalFrame.begin(new WriteBuffer());
    /** That of the frame which is being written; there is one at a time. */
    private WriteBuffer other = new WriteBuffer();
    private long generation;
    private long position;
    private long firstAtNs;

    private Journal(FileChannel[] files, MVMap<String, Long> state, long generation) {
        this.files = files;
        this.state = state;
        this.generation = generation;
    }

    /** Brings the store to where the last process was, and begins a journal. */
    static Journal open(Path folder, MVStore store) throws IOException {
        FileChannel[] files = {open(folder.resolve("journal-0")), open(folder.resolve("journal-1"))};
        MVMap<String, Long> state = store.openMap(STATE);
        // a store that knows of no journal is another than that whose journal this is
        long from = state.getOrDefault(FROM, Long.MAX_VALUE);
        long last = JournalReplay.replay(files, store, from);
        Journal journal = new Journal(files, state, last);
        journal.nextGeneration();
        store.commit();
        store.sync();
        return journal;
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** A map whose changes are in the journal; whoever changes it holds what keeps others from changing it. */
    <V> JournaledMap<V> of(MVMap<Object, V> map) {
        return new JournaledMap<>(map, this);
    }

    synchronized void append(String map, Object key, Object value) {
        JournalFrame.putChange(pending, map, key, value);
    }

    /** The changes since the last time, or null. While nobody changes anything. */
    synchronized Frame take() {
        if (JournalFrame.isEmpty(pending)) {
            return null;
        }
        WriteBuffer full = pending;
        pending = JournalFrame.begin(other);
        other = full;
        ByteBuffer bytes = JournalFrame.end(full, generation);
        Frame frame = new Frame(file(), bytes, position);
        if (position == 0) {
            firstAtNs = System.nanoTime();
        }
        position += bytes.remaining();
        return frame;
    }

    /**
     * What is taken from now on is of the next generation; the pages that are committed next have all that was before. While
     * nobody changes anything, and only after the pages of the generation before are on disk.
     */
    synchronized void nextGeneration() {
        generation++;
        position = 0;
        state.put(FROM, generation);
    }

    /** Forgets what was not taken. While nobody changes anything, and before the pages are committed that have it. */
    synchronized void discard() {
        JournalFrame.begin(pending);
    }

    synchronized boolean wantsCheckpoint() {
        return position > CHECKPOINT_BYTES || position > 0 && System.nanoTime() - firstAtNs > CHECKPOINT_AFTER_NS;
    }

    synchronized boolean isFull() {
        return position > BYTES_MAX;
    }

    private FileChannel file() {
        return files[(int) (generation % files.length)];
    }

    /** Changes on their way to the disk. */
    static final class Frame {
        private final FileChannel file;
        private final ByteBuffer bytes;
        private final long position;

        private Frame(FileChannel file, ByteBuffer bytes, long position) {
            this.file = file;
            this.bytes = bytes;
            this.position = position;
        }

        /** Returns when they are on disk. */
        void write() throws IOException {
            for (long at = position; bytes.hasRemaining(); ) {
                at += file.write(bytes, at);
            }
            file.force(false);
        }
    }
}
