package posthorn.standin;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;
import org.h2.mvstore.type.StringDataType;

/** Keys in the file: any BSON value, or a list of them, in the order in which MongoDB sorts. */
final class ValueType extends BasicDataType<Object> {
    static final ValueType INSTANCE = new ValueType();

    private static final byte STRING = 0;
    private static final byte OTHER = 1;
    private static final int USUAL_MEMORY = 120;

    private ValueType() {}

    @Override
    public int compare(Object a, Object b) {
        if (a instanceof String && b instanceof String) {
            return ((String) a).compareTo((String) b);
        }
        return ValueComparator.ascWithoutListHandling().compare(a, b);
    }

    @Override
    public int getMemory(Object value) {
        return value instanceof String ? StringDataType.INSTANCE.getMemory((String) value) : USUAL_MEMORY;
    }

    @Override
    public void write(WriteBuffer buffer, Object value) {
        if (value instanceof String) {
            buffer.put(STRING);
            writeString(buffer, (String) value);
            return;
        }
        byte[] bytes = Bson.encode(new Document("", value instanceof Missing ? null : value));
        buffer.put(OTHER).putVarInt(bytes.length).put(bytes);
    }

    /** The same bytes as StringDataType writes, which puts them one by one; of ASCII, which is as long in UTF-8, they are these. */
    private static void writeString(WriteBuffer buffer, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == value.length()) {
            buffer.putVarInt(bytes.length).put(bytes);
        } else {
            StringDataType.INSTANCE.write(buffer, value);
        }
    }

    @Override
    public Object read(ByteBuffer buffer) {
        if (buffer.get() == STRING) {
            return StringDataType.INSTANCE.read(buffer);
        }
        byte[] bytes = new byte[DataUtils.readVarInt(buffer)];
        buffer.get(bytes);
        return Missing.ofNullable(Bson.decode(bytes).get(""));
    }

    @Override
    public Object[] createStorage(int size) {
        return new Object[size];
    }
}
