package posthorn.standin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** Makes the changes again that are in a journal and, after a crash, may not be in the pages. */
final class JournalReplay implements JournalFrame.Changed {
    private final MVStore store;

    private JournalReplay(MVStore store) {
        this.store = store;
    }

    /** Returns the last generation that was begun, as far as the files and the store tell. @param from the first that counts */
    static long replay(FileChannel[] files, MVStore store, long from) throws IOException {
        List<ByteBuffer> contents = new ArrayList<>();
        for (FileChannel file : files) {
            contents.add(read(file));
        }
        contents.sort(Comparator.comparing(JournalReplay::generation));
        JournalReplay replay = new JournalReplay(store);
        long last = from == Long.MAX_VALUE ? 0 : from;
        for (ByteBuffer content : contents) {
            long generation = generation(content);
            last = Math.max(last, generation);
            if (generation >= from) {
                replay.all(content, generation);
            }
        }
        return last;
    }

    private static long generation(ByteBuffer content) {
        return JournalFrame.generationAt(content, 0);
    }

    private static ByteBuffer read(FileChannel file) throws IOException {
        ByteBuffer content = ByteBuffer.allocate((int) file.size());
        while (content.hasRemaining() && file.read(content, content.position()) >= 0) {
            // until it is whole
        }
        return content.flip();
    }

    private void all(ByteBuffer content, long generation) {
        int at = 0;
        for (;;) {
            ByteBuffer changes = JournalFrame.changesAt(content, at, generation);
            if (changes == null) {
                return;
            }
            at = changes.limit();
            while (changes.hasRemaining()) {
                JournalFrame.readChange(changes, this);
            }
        }
    }

    @Override
    public void put(String map, Object key, Object value) {
        if (value instanceof byte[]) {
            FileDatabase.openData(store, map).put(key, (byte[]) value);
        } else {
            FileDatabase.openIndex(store, map).put(key, value);
        }
    }

    @Override
    public void removed(String map, Object key) {
        MVMap<Object, ?> changed = map.startsWith(FileDatabase.DATA)
            ? FileDatabase.openData(store, map)
            : FileDatabase.openIndex(store, map);
        changed.remove(key);
    }
}
