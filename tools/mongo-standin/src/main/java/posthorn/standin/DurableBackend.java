package posthorn.standin;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.AbstractMongoBackend;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;

/**
 * Answers a write only when it is on disk.
 *
 * <p>Commands change the store's pages in memory and say what they changed to the journal. Every write command waits until the
 * journal has it, and one write to it serves all commands that were applied by then. What is written never ends within a
 * command: a crash leaves behind the state between two commands, never a document without its index entry. Also a
 * command that failed waits, because "that key exists" is an answer about another write. The pages follow at checkpoints.
 */
final class DurableBackend extends AbstractMongoBackend {
    /** Besides {@link #DROPS}. */
    private static final Set<String> WRITES = Set.of(
        "insert", "update", "delete", "findandmodify", "create", "createindexes");

    /** What these remove is not in the journal: they wait for a checkpoint. */
    private static final Set<String> DROPS = Set.of("drop", "dropindexes", "dropdatabase", "renamecollection");

    /** Of pages that are not in the file. */
    private static final int UNSAVED_BYTES_MAX = 64 * 1024 * 1024;
    private static final int MIN_FILL_PERCENT = 50;
    /** Of one bite: all commands wait for it, 2 to 5 ms; for 8 MB they waited 100 ms. */
    private static final int COMPACT_BYTES = 160 * 1024;

    private final MVStore store;
    private final Journal journal;
    private final ReadWriteLock applying = new ReentrantReadWriteLock(true);

    /** Held by a checkpoint until its pages are on disk. Never waited for with `applying` in hand. */
    private final Object checkpoint = new Object();

    private final Object monitor = new Object();
    private boolean wantsCheckpoint;
    private long applied;
    private long committed;
    private boolean committing;
    private boolean closed;

    DurableBackend(MVStore store, Journal journal) {
        this.store = store;
        this.journal = journal;
        version(new Version());
        store.getMapNames().stream()
            .filter(map -> map.startsWith(FileDatabase.DATA))
            .map(map -> map.substring(FileDatabase.DATA.length()).split("\\.", 2)[0])
            .distinct()
            .forEach(this::resolveDatabase);
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String databaseName) {
        return new FileDatabase(databaseName, store, journal, getCursorRegistry());
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
        String name = command.toLowerCase(Locale.ROOT);
        if (name.equals("hello") || name.equals("ismaster")) {
            Document answer = super.handleCommand(channel, database, "ismaster", query);
            return answer.append("isWritablePrimary", true).append("helloOk", true).append("readOnly", false);
        }
        boolean dropsMaps = DROPS.contains(name) || writesItsResult(query);
        if (!WRITES.contains(name) && !dropsMaps) {
            return super.handleCommand(channel, database, command, query);
        }
        long ticket;
        applying.readLock().lock();
        try {
            return super.handleCommand(channel, database, command, query);
        } finally {
            synchronized (monitor) {
                ticket = ++applied;
                wantsCheckpoint |= dropsMaps;
            }
            applying.readLock().unlock();
            awaitCommit(ticket);
        }
    }

    private static boolean writesItsResult(Document query) {
        Object pipeline = query.get("pipeline");
        return pipeline instanceof List
            && ((List<?>) pipeline).stream()
                .anyMatch(stage -> stage instanceof Document
                    && (((Document) stage).containsKey("$out") || ((Document) stage).containsKey("$merge")));
    }

    /** Rewrites the parts of the file that are mostly dead, so that it does not grow for ever. */
    void compact() {
        synchronized (checkpoint) {
            applying.writeLock().lock();
            try {
                if (isClosed() || !store.compact(MIN_FILL_PERCENT, COMPACT_BYTES)) {
                    return;
                }
                commit();
            } catch (RuntimeException | Error broken) {
                end(broken);
            } finally {
                applying.writeLock().unlock();
            }
            sync();
        }
    }

    /** If there is much in the journal, or something for long. */
    void checkpointIfDue() {
        if (journal.wantsCheckpoint()) {
            // who waits for the journal goes on waiting for it: these pages are on disk later
            checkpoint(false);
        }
    }

    /** @param discards for those who wait for this and not for the journal: what was dropped must not come back by it */
    private void checkpoint(boolean discards) {
        synchronized (checkpoint) {
            applying.writeLock().lock();
            try {
                if (isClosed()) {
                    return;
                }
                if (discards) {
                    journal.discard();
                }
                commit();
            } finally {
                applying.writeLock().unlock();
            }
            // the next commands may be applied, and go to the journal, while the disk is busy
            sync();
        }
    }

    /** Commits what is there and closes the file; writes that come later fail. */
    void closeQuietly() {
        applying.writeLock().lock();
        try {
            journal.nextGeneration();
            store.close();
            journal.discard();
            // what is waiting for a commit has just been committed
            synchronized (monitor) {
                closed = true;
                monitor.notifyAll();
            }
        } finally {
            applying.writeLock().unlock();
        }
    }

    private void awaitCommit(long ticket) {
        for (;;) {
            synchronized (monitor) {
                while (committing && committed < ticket && !closed) {
                    await();
                }
                if (committed >= ticket || closed) {
                    return;
                }
                committing = true;
            }
            commitForAll();
        }
    }

    private void commitForAll() {
        long upTo;
        boolean isCheckpoint;
        Journal.Frame frame;
        applying.writeLock().lock();
        try {
            synchronized (monitor) {
                upTo = applied;
                isCheckpoint = wantsCheckpoint || journal.isFull() || store.getUnsavedMemory() > UNSAVED_BYTES_MAX;
                wantsCheckpoint = false;
            }
            frame = isCheckpoint ? null : journal.take();
        } finally {
            applying.writeLock().unlock();
        }
        if (isCheckpoint) {
            checkpoint(true);
        } else if (frame != null) {
            write(frame);
        }
        synchronized (monitor) {
            committed = Math.max(committed, upTo);
            committing = false;
            monitor.notifyAll();
        }
    }

    /**
     * Commits the pages, and begins another generation of the journal. A store that met an error closes itself, and a
     * closed store commits nothing without saying so.
     */
    private void commit() {
        try {
            journal.nextGeneration();
            store.commit();
            if (store.isClosed()) {
                throw new IllegalStateException("the store closed itself");
            }
        } catch (RuntimeException | Error broken) {
            end(broken);
        }
    }

    private static void write(Journal.Frame frame) {
        try {
            frame.write();
        } catch (IOException | RuntimeException | Error broken) {
            end(broken);
        }
    }

    private void sync() {
        try {
            store.sync();
        } catch (RuntimeException | Error broken) {
            // closing the store syncs it, too
            applying.readLock().lock();
            try {
                if (!isClosed()) {
                    end(broken);
                }
            } finally {
                applying.readLock().unlock();
            }
        }
    }

    private boolean isClosed() {
        synchronized (monitor) {
            return closed;
        }
    }

    /** Nobody may hear "yes" from a process that cannot write: end at once, and let the owner restart or report us. */
    private static void end(Throwable broken) {
        broken.printStackTrace();
        Runtime.getRuntime().halt(1);
    }

    private void await() {
        try {
            monitor.wait();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a commit", stop);
        }
    }

    /** The oldest version that current drivers talk to; anything newer would promise commands that do not exist here. */
    private static final class Version implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        @Override
        public int getWireVersion() {
            return 9;
        }
    }
}
