package posthorn.standin;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;

/**
 * A frame as bytes: generation (8), length of what follows (4), checksum of it (4), changes. A change is the kind of its map,
 * the map's name, the key, and the value or that there is none any more.
 */
final class JournalFrame {
    private static final int LENGTH_AT = Long.BYTES;
    private static final int CHECKSUM_AT = LENGTH_AT + Integer.BYTES;
    static final int HEADER_BYTES = CHECKSUM_AT + Integer.BYTES;

    private static final byte REMOVED = 0;
    private static final byte BYTES = 1;
    private static final byte VALUE = 2;

    private JournalFrame() {}

    static WriteBuffer begin(WriteBuffer buffer) {
        return buffer.clear().putLong(0).putInt(0).putInt(0);
    }

    static boolean isEmpty(WriteBuffer buffer) {
        return buffer.position() == HEADER_BYTES;
    }

    /** @param value null: the key was removed */
    static void putChange(WriteBuffer buffer, String map, Object key, Object value) {
        buffer.put(value == null ? REMOVED : value instanceof byte[] ? BYTES : VALUE);
        putBytes(buffer, map.getBytes(StandardCharsets.UTF_8));
        ValueType.INSTANCE.write(buffer, key);
        if (value instanceof byte[]) {
            putBytes(buffer, (byte[]) value);
        } else if (value != null) {
            ValueType.INSTANCE.write(buffer, value);
        }
    }

    static ByteBuffer end(WriteBuffer buffer, long generation) {
        ByteBuffer bytes = buffer.getBuffer().duplicate().flip();
        return bytes
            .putLong(0, generation)
            .putInt(LENGTH_AT, bytes.limit() - HEADER_BYTES)
            .putInt(CHECKSUM_AT, checksumOf(bytes.duplicate().position(HEADER_BYTES)));
    }

    /** Whose frame is there; 0: none is. */
    static long generationAt(ByteBuffer file, int at) {
        return file.limit() - at < HEADER_BYTES ? 0 : file.getLong(at);
    }

    /** The changes of the frame there, or null if it is none of that generation (from 1), or not whole. */
    static ByteBuffer changesAt(ByteBuffer file, int at, long generation) {
        if (generationAt(file, at) != generation) {
            return null;
        }
        int length = file.getInt(at + LENGTH_AT);
        if (length <= 0 || length > file.limit() - at - HEADER_BYTES) {
            return null;
        }
        ByteBuffer changes = file.duplicate().position(at + HEADER_BYTES).limit(at + HEADER_BYTES + length);
        return checksumOf(changes.duplicate()) == file.getInt(at + CHECKSUM_AT) ? changes : null;
    }

    private static int checksumOf(ByteBuffer changes) {
        CRC32C checksum = new CRC32C();
        checksum.update(changes);
        return (int) checksum.getValue();
    }

    /** Takes the next change from there. */
    static void readChange(ByteBuffer changes, Changed changed) {
        byte kind = changes.get();
        String map = new String(readBytes(changes), StandardCharsets.UTF_8);
        Object key = ValueType.INSTANCE.read(changes);
        switch (kind) {
            case REMOVED:
                changed.removed(map, key);
                break;
            case BYTES:
                changed.put(map, key, readBytes(changes));
                break;
            case VALUE:
                changed.put(map, key, ValueType.INSTANCE.read(changes));
                break;
            default:
                throw new IllegalStateException("a change of unknown kind " + kind);
        }
    }

    private static void putBytes(WriteBuffer buffer, byte[] bytes) {
        buffer.putVarInt(bytes.length).put(bytes);
    }

    private static byte[] readBytes(ByteBuffer buffer) {
        byte[] bytes = new byte[DataUtils.readVarInt(buffer)];
        buffer.get(bytes);
        return bytes;
    }

    interface Changed {
        void put(String map, Object key, Object value);

        void removed(String map, Object key);
    }
}
