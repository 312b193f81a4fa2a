package posthorn.standin;

import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.AbstractMongoBackend;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;

/**
 * Answers a write only when the file has it.
 *
 * <p>Commands change the store's pages in memory; a commit appends them to the file. Every write command waits for a commit
 * that began after it was applied, and one commit serves all commands that were applied by then. A commit never runs while a
 * command is half applied: what a crash leaves behind is the state between two commands, never a document without its index
 * entry. Also a command that failed waits, because "that key exists" is an answer about another write.
 */
final class DurableBackend extends AbstractMongoBackend {
    private static final Set<String> WRITES = Set.of(
        "insert", "update", "delete", "findandmodify", "create", "createindexes", "drop", "dropindexes", "dropdatabase");

    private static final int MIN_FILL_PERCENT = 50;
    /** Of one bite: all commands wait for it, 2 to 5 ms; for 8 MB they waited 100 ms. */
    private static final int COMPACT_BYTES = 160 * 1024;

    private final MVStore store;
    private final ReadWriteLock applying = new ReentrantReadWriteLock(true);

    private final Object monitor = new Object();
    private long applied;
    private long committed;
    private boolean committing;
    private volatile boolean closing;
    private boolean closed;

    DurableBackend(MVStore store) {
        this.store = store;
        version(new Version());
        store.getMapNames().stream()
            .filter(map -> map.startsWith(FileDatabase.DATA))
            .map(map -> map.substring(FileDatabase.DATA.length()).split("\\.", 2)[0])
            .distinct()
            .forEach(this::resolveDatabase);
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String databaseName) {
        return new FileDatabase(databaseName, store, getCursorRegistry());
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
        String name = command.toLowerCase(Locale.ROOT);
        if (name.equals("hello") || name.equals("ismaster")) {
            Document answer = super.handleCommand(channel, database, "ismaster", query);
            return answer.append("isWritablePrimary", true).append("helloOk", true).append("readOnly", false);
        }
        if (!WRITES.contains(name) && !writesItsResult(query)) {
            return super.handleCommand(channel, database, command, query);
        }
        long ticket;
        applying.readLock().lock();
        try {
            return super.handleCommand(channel, database, command, query);
        } finally {
            synchronized (monitor) {
                ticket = ++applied;
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
        applying.writeLock().lock();
        try {
            if (!closing) {
                store.compact(MIN_FILL_PERCENT, COMPACT_BYTES);
                commit();
            }
        } catch (RuntimeException | Error broken) {
            end(broken);
        } finally {
            applying.writeLock().unlock();
        }
    }

    /** Commits what is there and closes the file; writes that come later fail. */
    void closeQuietly() {
        closing = true;
        applying.writeLock().lock();
        try {
            store.close();
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
        applying.writeLock().lock();
        try {
            synchronized (monitor) {
                upTo = applied;
            }
            commit();
        } finally {
            applying.writeLock().unlock();
        }
        // the next commands may be applied while the disk is busy
        sync();
        synchronized (monitor) {
            committed = Math.max(committed, upTo);
            committing = false;
            monitor.notifyAll();
        }
    }

    /** A store that met an error closes itself, and a closed store commits nothing without saying so. */
    private void commit() {
        try {
            store.commit();
            if (store.isClosed() && !closing) {
                throw new IllegalStateException("the store closed itself");
            }
        } catch (RuntimeException | Error broken) {
            end(broken);
        }
    }

    private void sync() {
        try {
            store.sync();
        } catch (RuntimeException | Error broken) {
            // closing the store has synced it already
            if (!closing) {
                end(broken);
            }
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
