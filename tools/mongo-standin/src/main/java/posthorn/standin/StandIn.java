package posthorn.standin;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.h2.mvstore.MVStore;

/**
 * Speaks MongoDB's wire protocol on the loopback interface and keeps everything in one file.
 *
 * <p>Arguments: port, data folder. Prints one line that begins with "ready" when it accepts connections, and ends when its
 * standard input does, so that it cannot outlive the process that started it.
 */
public final class StandIn {
    private static final int CONNECTION_THREADS = 32;
    private static final int CACHE_MB = 64;
    private static final int REUSE_AFTER_MS = 20_000;
    private static final long HOUSEKEEPING_EVERY_MS = 200;

    private StandIn() {}

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        Path folder = Path.of(args[1]);
        Files.createDirectories(folder);
        MVStore store = new MVStore.Builder()
            .fileName(folder.resolve("documents.mv.db").toString())
            .autoCommitDisabled()
            // nor when much has changed: that could be within a command
            .autoCommitBufferSize(0)
            .cacheSize(CACHE_MB)
            .open();
        // version numbers are not used as history: nothing but the present may be kept alive
        store.setVersionsToKeep(0);
        // space is used again only after this long, which bounds the size of the file by what is written in that time
        store.setRetentionTime(REUSE_AFTER_MS);

        DurableBackend backend = new DurableBackend(store, Journal.open(folder, store));
        Server server = Server.listen(backend, new InetSocketAddress("127.0.0.1", port), CONNECTION_THREADS);
        System.out.println("ready on port " + server.port());

        Thread housekeeping = new Thread(() -> keepHouse(backend), "housekeeping");
        housekeeping.setDaemon(true);
        housekeeping.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.stopListening();
            backend.closeQuietly();
        }));
        waitForParentToEnd();
        System.exit(0);
    }

    private static void keepHouse(DurableBackend backend) {
        try {
            for (;;) {
                Thread.sleep(HOUSEKEEPING_EVERY_MS);
                backend.checkpointIfDue();
                backend.compact();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void waitForParentToEnd() {
        try {
            while (System.in.read() != -1) {
                // nothing is ever sent: we wait for the end
            }
        } catch (IOException gone) {
            // the same as the end
        }
    }
}
