package posthorn.standin;

import de.bwaldvogel.mongo.bson.Document;

/** An index that can go through a part of itself in order. */
interface Scannable {
    /** Which part a query needs, or null if this index does not help. */
    Scan plan(Document query, Document orderBy);
}
