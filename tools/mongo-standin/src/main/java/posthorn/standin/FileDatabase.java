package posthorn.standin;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractSynchronizedMongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.exception.MongoServerException;
import de.bwaldvogel.mongo.oplog.Oplog;
import java.util.List;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;

/** One database: two kinds of maps in the file, {@code data/<database>.<collection>} and {@code index/<...>/<index>}. */
final class FileDatabase extends AbstractSynchronizedMongoDatabase<Object> {
    static final String DATA = "data/";
    private static final String INDEX = "index/";

    private final MVStore store;
    private final Journal journal;

    FileDatabase(String name, MVStore store, Journal journal, CursorRegistry cursors) {
        super(name, cursors);
        this.store = store;
        this.journal = journal;
        initializeNamespacesAndIndexes();
    }

    @Override
    protected MongoCollection<Object> openOrCreateCollection(String collection, CollectionOptions options) {
        return new FileCollection(this, collection, options, journal.of(openData(collection)), cursorRegistry);
    }

    @Override
    protected Index<Object> openOrCreateUniqueIndex(String collection, String index, List<IndexKey> keys, boolean sparse) {
        if (keys.size() == 1 && keys.get(0).getKey().equals("_id")) {
            return new IdIndex(index, keys, openData(collection));
        }
        return new UniqueIndex(index, keys, sparse, journal.of(openIndex(store, indexMap(collection, index))));
    }

    @Override
    protected Index<Object> openOrCreateSecondaryIndex(String collection, String index, List<IndexKey> keys, boolean sparse) {
        return new FieldIndex(index, keys);
    }

    @Override
    protected void dropIndex(MongoCollection<Object> collection, String index) {
        super.dropIndex(collection, index);
        String name = collection.getCollectionName();
        if (store.hasMap(indexMap(name, index))) {
            store.removeMap(indexMap(name, index));
        }
    }

    @Override
    public void dropCollection(String collection, Oplog oplog) {
        super.dropCollection(collection, oplog);
        store.removeMap(openData(collection));
    }

    @Override
    public void moveCollection(MongoDatabase from, MongoCollection<?> collection, String name) {
        throw new MongoServerException("the stand-in cannot rename collections");
    }

    @Override
    protected long getStorageSize() {
        return store.getFileStore().size();
    }

    @Override
    protected long getFileSize() {
        return getStorageSize();
    }

    private MVMap<Object, byte[]> openData(String collection) {
        return openData(store, DATA + getFullCollectionNamespace(collection));
    }

    static MVMap<Object, byte[]> openData(MVStore store, String map) {
        return store.openMap(
            map,
            new MVMap.Builder<Object, byte[]>().keyType(ValueType.INSTANCE).valueType(ByteArrayDataType.INSTANCE));
    }

    static MVMap<Object, Object> openIndex(MVStore store, String map) {
        return store.openMap(
            map,
            new MVMap.Builder<Object, Object>().keyType(ValueType.INSTANCE).valueType(ValueType.INSTANCE));
    }

    private String indexMap(String collection, String index) {
        return INDEX + getFullCollectionNamespace(collection) + "/" + index;
    }
}
