package posthorn.timeskipping;

import io.temporal.testserver.TestServer;
import java.io.IOException;

/** Temporal's time-skipping test server, except that it ends when the process that started it is gone. */
public final class TimeSkipping {
    private static final long LOOK_EVERY_MS = 1000;

    private TimeSkipping() {}

    /** Arguments: port, then whatever the test server takes. */
    public static void main(String[] args) throws IOException {
        long parent = parentPid();
        Thread watch = new Thread(() -> endAfter(parent), "parent-watch");
        watch.setDaemon(true);
        watch.start();
        TestServer.main(args);
    }

    private static void endAfter(long parent) {
        try {
            while (parentPid() == parent) {
                Thread.sleep(LOOK_EVERY_MS);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        System.exit(0);
    }

    private static long parentPid() {
        return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L);
    }
}
