/** What several examples of message types share. */
export const PATIENT = {
  patientId: "018d9f4e-2c35-7b60-8a1d-f4e7b3c90a58",
  externalId: "MRN-204817",
  additionalIds: { athenahealth: ["99992"] },
};

/** Where the files are that messages link to. */
export const FILE_URL = "https://files.example.com/";
