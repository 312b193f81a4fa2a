package posthorn.standin;

import de.bwaldvogel.mongo.bson.Document;

/** The bytes of a document that a client sent, with the document: what is stored as it came need not be encoded again. */
final class Received {
    /** No field of a document can have this name, because names end with the first zero. */
    private static final String BYTES = "\0bytes";

    private Received() {}

    static void keep(Document document, byte[] bytes) {
        document.put(BYTES, bytes);
    }

    /** Null if there are none. The document has only its own fields afterwards. */
    static byte[] take(Document document) {
        return (byte[]) document.remove(BYTES);
    }
}
